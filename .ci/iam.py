"""A stand-in for the parts of AWS IAM and STS that know virtual MFA devices. Unlike other stand-ins it looks at the codes.

Two codes enable a device if they are of two steps in a row, near now. A code signs in once, and nothing tells a used one
from a wrong one. How many steps AWS looks around is not published: one for a code and two for a pair are guesses.
"""

import base64
import http.server
import io
import re
import secrets
import threading
import time
import urllib.parse

from outside import totp

NUMBER = "123456789012"
MOST_DEVICES = 8
UNUSABLE = "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid."
WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code."


class Refusal(Exception):
    """What is answered instead: HTTP status, name, sentence."""


class Device:
    """A virtual device: its key, whose it is, and the last step that was used up."""

    def __init__(self):
        self.secret = base64.b32encode(secrets.token_bytes(40)).decode()
        self.user = None
        self.used = 0

    def take(self, codes, around):
        """Uses up codes of as many steps in a row; returns whether they were right and new."""
        here = int(time.time()) // 30
        for first in range(here - around, here + around + 1):
            expected = [totp(self.secret, (first + place) * 30) for place in range(len(codes))]
            if first > self.used and expected == codes:
                self.used = first + len(codes) - 1
                return True
        return False


class Iam:
    """The devices of one account, and a server on loopback that speaks for them."""

    def __init__(self, tail=NUMBER):
        # What stands behind the name of a device in the picture: the number of the account, or its alias.
        self.tail = tail
        self.devices = {}
        self.lock = threading.Lock()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                asked = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
                status, answer = owner.answer(asked)
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, asked):
        """Returns the HTTP status and the document for a call."""
        action = asked.get("Action", "")
        known = {
            "CreateVirtualMFADevice": self.create,
            "EnableMFADevice": self.enable,
            "ResyncMFADevice": self.resync,
            "GetSessionToken": self.sign_in,
        }
        try:
            if action not in known:
                raise Refusal(400, "InvalidAction", f"there is no {action} here")
            with self.lock:
                result = known[action](asked)
            text = f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
            return 200, text.encode()
        except Refusal as refusal:
            status, name, sentence = refusal.args
            text = f"<ErrorResponse><Error><Code>{name}</Code><Message>{sentence}</Message></Error></ErrorResponse>"
            return status, text.encode()

    def create(self, asked):
        import segno

        name = asked.get("VirtualMFADeviceName", "")
        if not re.fullmatch(r"[\w+=,.@-]+", name, re.ASCII):
            raise Refusal(400, "ValidationError", "the name of the device may not be that")
        serial = f"arn:aws:iam::{NUMBER}:mfa/{name}"
        if serial in self.devices:
            raise Refusal(409, "EntityAlreadyExists", "a device of that name is there")
        device = self.devices[serial] = Device()
        issuer = "Amazon%20Web%20Services"
        label = f"{urllib.parse.quote(name)}@{self.tail}"
        picture = io.BytesIO()
        link = f"otpauth://totp/{issuer}:{label}?secret={device.secret}&issuer={issuer}"
        segno.make(link, micro=False).save(picture, kind="png", scale=4)
        # Both are blobs, and the text of the key is Base64 of Base32.
        seed, drawn = (base64.b64encode(blob).decode() for blob in (device.secret.encode(), picture.getvalue()))
        return (
            f"<VirtualMFADevice><SerialNumber>{serial}</SerialNumber><Base32StringSeed>{seed}</Base32StringSeed>"
            f"<QRCodePNG>{drawn}</QRCodePNG></VirtualMFADevice>"
        )

    def named(self, asked):
        device = self.devices.get(asked.get("SerialNumber"))
        if not device:
            raise Refusal(404, "NoSuchEntity", "there is no such device")
        return device

    def take_pair(self, device, asked, around):
        codes = [asked.get(f"AuthenticationCode{number}", "") for number in (1, 2)]
        if not device.take(codes, around):
            raise Refusal(403, "InvalidAuthenticationCode", "Authentication code for device is not valid.")

    def enable(self, asked):
        device = self.named(asked)
        if device.user:
            raise Refusal(409, "EntityAlreadyExists", "the device is in use")
        if sum(other.user == asked["UserName"] for other in self.devices.values()) >= MOST_DEVICES:
            raise Refusal(409, "LimitExceeded", "the user has as many devices as there may be")
        self.take_pair(device, asked, 2)
        device.user = asked["UserName"]
        return ""

    def resync(self, asked):
        device = self.named(asked)
        if device.user != asked["UserName"]:
            raise Refusal(404, "NoSuchEntity", "the device is not that user's")
        self.take_pair(device, asked, 40)
        return ""

    def sign_in(self, asked):
        device = self.devices.get(asked.get("SerialNumber"))
        if not device or not device.user:
            raise Refusal(403, "AccessDenied", UNUSABLE)
        if not device.take([asked.get("TokenCode", "")], 1):
            raise Refusal(403, "AccessDenied", WRONG)
        return (
            "<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>example</SecretAccessKey>"
            "<SessionToken>example</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"
        )
