#!/bin/sh
# Print the newest interpreter here that h5viewer runs on, or say what to install.
# PYTHON=/path/to/python chooses one by hand.

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

for python in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    if "$python" -c "$supported" 2>/dev/null; then
        found=${found:-$python}
        # Debian packs venv by itself; an interpreter that lacks it cannot be used.
        if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            command -v "$python"
            exit 0
        fi
    fi
done

if [ -n "$found" ]; then
    version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    package="python$version-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package, which $found needs to make a virtual environment." >&2
        export DEBIAN_FRONTEND=noninteractive
        { apt-get update --quiet && apt-get install --quiet --yes "$package"; } >&2 &&
            command -v "$found" && exit 0
    fi
    echo "$found cannot make a virtual environment. On Debian and Ubuntu: sudo apt-get install $package" >&2
elif [ -n "$PYTHON" ]; then
    echo "$PYTHON is not Python 3.11, 3.12 or 3.13, which h5viewer needs." >&2
else
    echo "h5viewer needs Python 3.11, 3.12 or 3.13, and none was found." >&2
    echo "Install one of them, or name it: make run PYTHON=/path/to/python3" >&2
fi
exit 1
