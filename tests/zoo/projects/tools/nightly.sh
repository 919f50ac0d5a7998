#!/bin/sh
# Works for a long while, in steps.
while true; do sleep 5; done
