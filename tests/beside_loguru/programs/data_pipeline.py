"""A pipeline of stages: rows that are bad are logged and skipped, counts stand at the end, and the log is read back."""

import json
import sys
from collections import Counter

from loguru import logger

ROWS = ["ada;36;1.75", "bo;x;1.80", "cy;41", "dee;29;1.62", "", "eve;-4;1.70"]


def parse(rows):
    for number, row in enumerate(rows, 1):
        with logger.contextualize(row=number):
            parts = row.split(";")
            if len(parts) != 3:
                logger.warning("Expected 3 columns, got {n}", n=len(parts))
                continue
            try:
                yield {"name": parts[0], "age": int(parts[1]), "height": float(parts[2])}
            except ValueError as error:
                logger.opt(exception=error).error("Cannot parse row {row}", row=number)


def check(people):
    for person in people:
        if person["age"] < 0:
            logger.bind(**person).warning("Age {age} is negative", age=person["age"])
        else:
            yield person


def total(people):
    people = list(people)
    mean = sum(person["height"] for person in people) / len(people)
    logger.success("{count} rows, mean height {mean:.3f}", count=len(people), mean=mean)
    return mean


def stage(name, function, *arguments):
    log = logger.bind(stage=name)
    log.info("Stage {} begins", name)
    with log.catch(reraise=True):
        result = function(*arguments)
    log.info("Stage {stage} ends", stage=name)
    return result


logger.remove()
logger.add(sys.stdout, format="{level.name:>8}: {message} {extra}", level="INFO", backtrace=False, diagnose=False)
logger.add("pipeline.jsonl", serialize=True, format="{message}", backtrace=False, diagnose=False)

people = stage("parse", lambda: list(parse(ROWS)))
people = stage("check", lambda: list(check(people)))
stage("total", total, people)
try:
    stage("empty", total, [])
except ZeroDivisionError as error:
    print("stopped by", error)
logger.remove()

with open("pipeline.jsonl", encoding="utf-8") as file:
    records = [json.loads(line) for line in file]
print(Counter(record["record"]["level"]["name"] for record in records))
print([record["record"]["extra"].get("stage") for record in records])
print([record["text"].splitlines()[-1] for record in records])
print(records[0]["record"].keys())
print([record["record"]["exception"] and record["record"]["exception"]["type"] for record in records])
