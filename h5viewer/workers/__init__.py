"""Worker processes: started, fed, watched and killed here; files are parsed there."""
