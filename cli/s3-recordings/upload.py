"""Writes two calls with sidecars and a file that is no recording to a folder and to a bucket; the files have other times than their objects.

upload.py FOLDER ENDPOINT SAMPLE...: in each call the first sample speaks on the left, a second after it the other one on the right.
"""
import json
import os
import sys
import wave

import boto3

folder, endpoint, *samples = sys.argv[1:]
os.makedirs(os.path.join(folder, "monday"), exist_ok=True)
for name, parties in (("monday/one", samples[:2]), ("two", samples[2:4])):
    waves = []
    for sample in parties:
        with wave.open(sample) as file:
            rate = file.getframerate()
            waves.append(file.readframes(file.getnframes()))
    pause = bytes(2 * rate)
    channels = [waves[0] + pause + bytes(len(waves[1])) + pause, bytes(len(waves[0])) + pause + waves[1] + pause]
    path = os.path.join(folder, name + ".wav")
    with wave.open(path, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframesraw(b"".join(one[i: i + 2] + two[i: i + 2] for one, two in [channels] for i in range(0, len(one), 2)))
    with open(path + ".json", "w") as file:
        json.dump({"tenant": "bank", "startedAt": "2026-11-02T08:30:00Z"}, file)
with open(os.path.join(folder, "notes.txt"), "w") as file:
    file.write("no recording at all, only text")
s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
                  aws_access_key_id="key-of-the-check", aws_secret_access_key="secret-of-the-check")
s3.create_bucket(Bucket="bucket")
for directory, _, names in os.walk(folder):
    for name in names:
        path = os.path.join(directory, name)
        key = "calls/" + os.path.relpath(path, folder)
        s3.upload_file(path, "bucket", key)
        os.utime(path, (1, 1))
