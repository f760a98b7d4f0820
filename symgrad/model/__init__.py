"""What a network is: graphs of indexed definitions, their names and sizes, the tables of rows."""
