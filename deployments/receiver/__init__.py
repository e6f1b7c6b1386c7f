"""The HTTP server that takes what comes from outside: answers of customers, and a warehouse system's reports."""
