"""A network in its worker process, from the first question to the last kill.

One network with a layer of the user's own, which does what the number it is given says:
the frameworks are started as seldom as possible.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "workers"))

from workers_heard import Heard, wait_for

from h5viewer.errors import TooLarge, WorkerLost
from h5viewer.formats.content_hash import content_hash
from h5viewer.formats.source import Source
from h5viewer.nodes import Array, LoadedNetwork, Prediction
from h5viewer.requests import CodeFile, Consent, Feed, LoadNetwork, Predict
from h5viewer.workers.pool import Pool, ask

pytestmark = [
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

DOUBLE, NEVER_END, TAKE_MEMORY, ESCAPE = 0, 1, 2, 3

CODE = '''
import os, socket, subprocess, sys
import keras, numpy, tensorflow as tf

# TensorFlow's own allocator waits 10 seconds for memory before it gives up.
os.environ["TF_ONEDNN_USE_SYSTEM_ALLOCATOR"] = "1"

def attempts():
    yield lambda: open("canary", "w")
    yield lambda: open(os.path.join(os.path.dirname(keras.__file__), "canary"), "w")
    yield lambda: open(os.environ["HOME"] + "/canary", "w")
    yield lambda: open("/etc/passwd")
    yield lambda: os.listdir("/")
    yield lambda: subprocess.run([sys.executable, "-c", ""])
    yield lambda: os.system("true") and 1 / 0
    yield lambda: socket.create_connection(("127.0.0.1", 9), 1)
    yield lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    yield lambda: tf.io.write_file("canary", "x")
    yield lambda: tf.io.read_file("/etc/passwd").numpy()

def escape(x):
    """In place of the number: 100, and 1 for each thing that could be done."""
    if x[0, 0] != 3:
        return x
    done = 100
    for attempt in attempts():
        try:
            attempt()
            done += 1
        except (OSError, ZeroDivisionError, tf.errors.OpError):
            pass
    return numpy.full_like(x, done)

class Odd(keras.layers.Layer):
    def call(self, x):
        thing = x[0, 0]
        count = tf.while_loop(lambda i: tf.equal(thing, 1), lambda i: [i + 1], [0])[0]
        n = tf.where(tf.equal(thing, 2), 1 << 20, 1)
        many = tf.reduce_sum(tf.fill([n, n], 0.0))
        y = tf.ensure_shape(tf.numpy_function(escape, [x], tf.float32), [None, 1])
        return 2 * y + many + tf.cast(count, tf.float32)

    def compute_output_shape(self, shape):
        return shape
'''


def make_network(path: Path) -> str:
    """One layer of the class Odd."""
    layer = {
        "class_name": "Odd",
        "config": {"name": "odd", "dtype": "float32", "batch_input_shape": [None, 1]},
    }
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.9.0"
        file.attrs["backend"] = "tensorflow"
        config = {"class_name": "Sequential", "config": {"name": "it", "layers": [layer]}}
        file.attrs["model_config"] = json.dumps(config)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = np.array(["odd"], dtype="S")
        weights.create_group("odd").attrs["weight_names"] = np.array([], dtype="S")
    return str(path)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Consent]:
    """The file, and the word that its code may run."""
    path = make_network(tmp_path_factory.mktemp("odd") / "odd.h5")
    work = content_hash(Source(path))
    try:
        while True:
            next(work)
    except StopIteration as end:
        code = CodeFile(name="odd_layers.py", text=CODE)
        return path, Consent(content_hash=end.value, run_code=True, code_files=(code,))


@pytest.fixture(scope="module")
def first(network: tuple[str, Consent]) -> Iterator[tuple[Pool, LoadedNetwork, list[str]]]:
    """The pool, what the first question was answered, and what was told until then."""
    pool = Pool(keep_spare=False)
    texts: list[str] = []
    request = LoadNetwork(document=network[0], consent=network[1])
    answer = ask(pool, request, on_progress=lambda progress: texts.append(progress.text))
    assert isinstance(answer, LoadedNetwork)
    yield pool, answer, texts
    pool.close()


@pytest.fixture
def networks(first: tuple[Pool, LoadedNetwork, list[str]]) -> Pool:
    return first[0]


def asking(network: tuple[str, Consent], number: float) -> Predict:
    values = Array.of(np.array([[number]], "f4"))
    return Predict(document=network[0], consent=network[1], feeds=(Feed(values=values),))


def answered(pool: Pool, network: tuple[str, Consent], number: float) -> float:
    prediction = ask(pool, asking(network, number))
    assert isinstance(prediction, Prediction)
    (answer,) = prediction.answers
    assert answer.values is not None
    return float(answer.values.values.ravel()[0])


def pid_of(pool: Pool) -> int:
    (info,) = pool.workers
    assert info.pid is not None
    return info.pid


def test_first_question_says_what_is_being_done(first) -> None:
    _, answer, texts = first
    assert texts[:2] == ["Starting TensorFlow…", "Loading the network…"]
    assert answer.import_seconds > 0
    assert answer.architecture_hash


def test_network_is_built_once_and_asked_often(networks, network) -> None:
    pid = pid_of(networks)
    texts: list[str] = []
    ask(networks, asking(network, 4), on_progress=lambda progress: texts.append(progress.text))
    assert texts
    assert "Loading the network…" not in texts
    assert answered(networks, network, 4) == 8
    assert pid_of(networks) == pid


def test_two_who_ask_at_once_share_one_network(networks, network) -> None:
    """Loading is not begun twice; here the second comes with another consent, then the first."""
    path, consent = network
    other = Consent(
        content_hash=consent.content_hash, code_files=consent.code_files, run_code=False
    )
    heard = [Heard(), Heard(), Heard()]
    for each, given in zip(heard, (other, other, consent), strict=True):
        networks.submit(LoadNetwork(document=path, consent=given), each)
    for each in heard:
        assert isinstance(each.outcome(), LoadedNetwork)
    assert answered(networks, network, 4) == 8


@pytest.mark.skipif(sys.platform != "linux", reason="confined so on Linux only")
def test_code_of_the_user_can_do_nothing_but_compute(networks, network) -> None:
    """Tried from inside the network, where TensorFlow's own threads call Python."""
    assert answered(networks, network, ESCAPE) == 200
    pid = pid_of(networks)
    threads = list(Path(f"/proc/{pid}/task").iterdir())
    assert len(threads) > 2
    for thread in threads:
        status = (thread / "status").read_text()
        assert "NoNewPrivs:\t1" in status
        assert "Seccomp:\t2" in status


def test_network_that_needs_too_much_memory_is_one_sentence(networks, network) -> None:
    """TensorFlow's own words stay behind Details; the network can still be asked."""
    pid = pid_of(networks)
    with pytest.raises(TooLarge) as caught:
        ask(networks, asking(network, TAKE_MEMORY))
    assert caught.value.message == "odd.h5 needs more memory than the limit of 8 GiB."
    assert answered(networks, network, 4) == 8
    assert pid_of(networks) == pid


def test_killed_while_it_never_ends_then_asked_again_then_cancelled(networks, network) -> None:
    """One sentence; the next question starts anew; Cancel ends what comes to no end."""
    process = psutil.Process(pid_of(networks))
    heard = Heard()
    _ask_what_never_ends(networks, network, process, heard)
    os.kill(process.pid, signal.SIGKILL)
    outcome = heard.outcome()
    assert isinstance(outcome, WorkerLost)
    assert "The network of odd.h5 was stopped by the system" in outcome.message
    assert answered(networks, network, 4) == 8

    process = psutil.Process(pid_of(networks))
    heard = Heard()
    job = _ask_what_never_ends(networks, network, process, heard)
    job.cancel()
    assert heard.outcome() is None
    wait_for(lambda: not process.is_running())


def _ask_what_never_ends(pool, network, process, heard):
    used = process.cpu_times().user
    job = pool.submit(asking(network, NEVER_END), heard)
    wait_for(lambda: process.cpu_times().user > used + 0.3)
    return job
