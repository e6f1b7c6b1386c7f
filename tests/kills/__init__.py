"""Real processes that really die: the command killed, ended, frozen or robbed of its last commits, then run again."""
