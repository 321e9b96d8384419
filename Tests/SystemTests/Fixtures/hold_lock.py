#!/usr/bin/env python3
"""Holds the write lock of an SQLite database until it is killed. usage: hold_lock.py DATABASE"""
import sqlite3
import sys
import threading

connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
threading.Event().wait()
