"""Files of cases, judged in child processes that end for certain."""
