"""The command line: each command reads options, calls one function, prints, exits."""
