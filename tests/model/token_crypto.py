# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Signatures in plain integers, for the model of tokens: RSA (PKCS #1 v1.5
and PSS, RFC 8017), ECDSA (FIPS 186-5, raw r and s as in RFC 7518 3.4) and
Ed25519 (RFC 8032 5.1).  Signs and verifies; keys come from a seeded generator.
Slow, variable-time, for tests only: no other library has a say in it.
"""

import base64
import hashlib
import math
import random

BITS = {"256": "sha256", "384": "sha384", "512": "sha512"}


def b64(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(alg, data):
    """The hash that an algorithm such as RS384 uses."""
    return hashlib.new(BITS[alg[2:]], data).digest()


def number(data):
    """Bytes, big end first."""
    return int.from_bytes(data, "big")


# RSA

SMALL = [p for p in range(3, 2000) if all(p % q for q in range(2, p))]


def is_prime(n, rng):
    """Trial division, then Miller and Rabin."""
    if any(n % p == 0 for p in SMALL):
        return False
    d, twos = n - 1, 0
    while d % 2 == 0:
        d, twos = d // 2, twos + 1
    for _ in range(8):
        x = pow(rng.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


class RsaKey:
    """2048 bits unless told otherwise, e = 65537.  Eight primes in place of
    two (RFC 8017 3.1): nobody can tell from n, and signing is twenty times
    as fast."""

    kty = "RSA"
    algs = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
    primes_cnt = 8

    def __init__(self, seed, bits=2048):
        rng = random.Random("rsa %s" % seed)
        self.n, self.e, self.size = 0, 65537, bits // 8
        while self.n.bit_length() != bits:
            self.primes = []
            while len(self.primes) < self.primes_cnt:
                share = bits // self.primes_cnt
                p = rng.getrandbits(share) | 0xFF << (share - 8) | 1
                if p % 65537 != 1 and is_prime(p, rng):
                    self.primes.append(p)
            self.n = math.prod(self.primes)
        # For each prime: exponent, and what makes it 1 here and 0 elsewhere.
        self.parts = [(p, pow(self.e, -1, p - 1),
                       self.n // p * pow(self.n // p, -1, p))
                      for p in self.primes]

    def private(self, m):
        """m ** d mod n, by the Chinese remainder theorem."""
        return sum(pow(m, d, p) * unit for p, d, unit in self.parts) % self.n

    def jwk(self):
        """Public members."""
        return {"kty": "RSA", "n": b64(self.n.to_bytes(self.size, "big")),
                "e": "AQAB"}

    def pkcs1(self, alg, data):
        """EMSA-PKCS1-v1_5; the number before the hash's length is what
        names the hash."""
        name = {"256": 1, "384": 2, "512": 3}[alg[2:]]
        hashed = digest(alg, data)
        info = bytes.fromhex("30%02x300d06096086480165030402%02x050004%02x" % (
            len(hashed) + 17, name, len(hashed))) + hashed
        return b"\0\1" + b"\xff" * (self.size - len(info) - 3) + b"\0" + info

    def sign(self, alg, data, salt=None):
        """salt: for PSS, other than one of the hash's length."""
        if alg.startswith("RS"):
            block = self.pkcs1(alg, data)
        else:
            hashed = digest(alg, data)
            salt = hashed[::-1] if salt is None else salt
            check = digest(alg, bytes(8) + hashed + salt)
            masked = self.size - len(check) - 1
            db = bytes(masked - len(salt) - 1) + b"\1" + salt
            mask = mgf1(alg, check, masked)
            top = bytes(x ^ y for x, y in zip(db, mask))
            block = bytes([top[0] & 0x7F]) + top[1:] + check + b"\xbc"
        return self.private(number(block)).to_bytes(self.size, "big")

    def verify(self, alg, data, signature):
        """True if it is exactly one that sign() could give."""
        value = number(signature)
        if len(signature) != self.size or value >= self.n:
            return False
        block = pow(value, self.e, self.n).to_bytes(self.size, "big")
        if alg.startswith("RS"):
            return block == self.pkcs1(alg, data)
        hashed = digest(alg, data)
        masked = self.size - len(hashed) - 1
        check = block[masked:-1]
        mask = mgf1(alg, check, masked)
        db = bytes(x ^ y for x, y in zip(block[:masked], mask))
        start = bytes(masked - len(hashed) - 1) + b"\1"
        salt = db[len(start):]
        return (block[-1:] == b"\xbc" and block[0] < 0x80 and
                bytes([db[0] & 0x7F]) + db[1:len(start)] == start and
                check == digest(alg, bytes(8) + hashed + salt))


def mgf1(alg, seed, length):
    """RFC 8017 B.2.1."""
    out = b""
    while len(out) < length:
        out += digest(alg, seed + (len(out) // len(digest(alg, b""))).to_bytes(
            4, "big"))
    return out[:length]


# Elliptic curves y^2 = x^3 - 3x + b, in Jacobian coordinates

CURVES = {                                     # alg, bytes, p, b, n, x, y
    "P-256": (
        "ES256", 32, 2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b,
        0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
        0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
        0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5),
    "P-384": (
        "ES384", 48, 2**384 - 2**128 - 2**96 + 2**32 - 1,
        int("b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
            "c656398d8a2ed19d2a85c8edd3ec2aef", 16),
        int("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
            "581a0db248b0a77aecec196accc52973", 16),
        int("aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38"
            "5502f25dbf55296c3a545e3872760ab7", 16),
        int("3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0"
            "0a60b1ce1d7e819d7a431d7c90ea0e5f", 16)),
    "P-521": (
        "ES512", 66, 2**521 - 1,
        int("051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef10"
            "9e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503"
            "f00", 16),
        int("1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386"
            "409", 16),
        int("0c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3"
            "dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5b"
            "d66", 16),
        int("11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e6"
            "62c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16"
            "650", 16)),
}


def double(point, p):
    """2 * point; z = 0 is the point at infinity."""
    x, y, z = point
    d = z * z % p
    g = y * y % p
    s = 4 * x * g % p
    m = 3 * (x - d) * (x + d) % p
    x = (m * m - 2 * s) % p
    return x, (m * (s - x) - 8 * g * g) % p, 2 * y * z % p


def add(one, two, p):
    """Sum of two points."""
    if one[2] == 0:
        return two
    if two[2] == 0:
        return one
    z1, z2 = one[2] * one[2] % p, two[2] * two[2] % p
    u1, u2 = one[0] * z2 % p, two[0] * z1 % p
    s1, s2 = one[1] * z2 * two[2] % p, two[1] * z1 * one[2] % p
    if u1 == u2:
        return double(one, p) if s1 == s2 else (1, 1, 0)
    h, r = u2 - u1, s2 - s1
    h2 = h * h % p
    h3 = h * h2 % p
    x = (r * r - h3 - 2 * u1 * h2) % p
    return x, (r * (u1 * h2 - x) - s1 * h3) % p, h * one[2] * two[2] % p


def times(k, point, p):
    """k * point, bit by bit."""
    total = (1, 1, 0)
    for bit in bin(k)[2:]:
        total = double(total, p)
        if bit == "1":
            total = add(total, point, p)
    return total


class EcKey:
    """One of CURVES."""

    kty = "EC"

    def __init__(self, seed, curve):
        alg, self.size, self.p, _, self.n, x, y = CURVES[curve]
        self.curve, self.algs, self.base = curve, (alg,), (x, y, 1)
        self.d = random.Random("ec %s" % seed).randrange(1, self.n)
        self.public = self.affine(times(self.d, self.base, self.p)) + (1,)

    def affine(self, point):
        """x and y of a point that is not at infinity."""
        inverse = pow(point[2], -1, self.p)
        return (point[0] * inverse**2 % self.p, point[1] * inverse**3 % self.p)

    def jwk(self):
        """Public members."""
        return {"kty": "EC", "crv": self.curve,
                "x": b64(self.public[0].to_bytes(self.size, "big")),
                "y": b64(self.public[1].to_bytes(self.size, "big"))}

    def hashed(self, alg, data):
        """The leftmost bits of the hash; no curve here is shorter."""
        return number(digest(alg, data))

    def sign(self, alg, data):
        """The nonce is made of the key and the message."""
        k = number(hashlib.sha512(b"%d" % self.d + data).digest()) % self.n
        r = self.affine(times(k, self.base, self.p))[0] % self.n
        s = pow(k, -1, self.n) * (self.hashed(alg, data) + r * self.d) % self.n
        return r.to_bytes(self.size, "big") + s.to_bytes(self.size, "big")

    def verify(self, alg, data, signature):
        """r and s, each of the width of the field."""
        if len(signature) != 2 * self.size:
            return False
        r, s = number(signature[:self.size]), number(signature[self.size:])
        if not (0 < r < self.n and 0 < s < self.n):
            return False
        w = pow(s, -1, self.n)
        point = add(
            times(self.hashed(alg, data) * w % self.n, self.base, self.p),
            times(r * w % self.n, self.public, self.p), self.p)
        return point[2] != 0 and self.affine(point)[0] % self.n == r


# Ed25519, in extended coordinates

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE_Y = 4 * pow(5, -1, P) % P


def ed_x(y, sign):
    """The x of a point, or None."""
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P:
        return None
    return P - x if x % 2 != sign else x


def ed_add(one, two):
    """Sum; also of a point with itself."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def ed_times(k, point):
    """k * point."""
    total = (0, 1, 1, 0)
    for bit in bin(k)[2:]:
        total = ed_add(total, total)
        if bit == "1":
            total = ed_add(total, point)
    return total


def ed_bytes(point):
    """RFC 8032 5.1.2."""
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE_X = ed_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def little(data):
    """Bytes, little end first."""
    return int.from_bytes(data, "little")


class EdKey:
    """Ed25519."""

    kty = "OKP"
    algs = ("EdDSA",)

    def __init__(self, seed):
        h = hashlib.sha512(b"ed %s" % str(seed).encode()).digest()
        self.a = little(h[:32]) & (1 << 254) - 8 | 1 << 254
        self.prefix = h[32:]
        self.point = ed_times(self.a, BASE)
        self.public = ed_bytes(self.point)

    def jwk(self):
        """Public members."""
        return {"kty": "OKP", "crv": "Ed25519", "x": b64(self.public)}

    def sign(self, _, data):
        """R and S."""
        r = little(hashlib.sha512(self.prefix + data).digest()) % L
        begin = ed_bytes(ed_times(r, BASE))
        k = little(hashlib.sha512(begin + self.public + data).digest()) % L
        return begin + ((r + k * self.a) % L).to_bytes(32, "little")

    def verify(self, _, data, signature):
        """S must be canonical; no cofactor."""
        s = little(signature[32:])
        if len(signature) != 64 or s >= L:
            return False
        k = little(hashlib.sha512(
            signature[:32] + self.public + data).digest()) % L
        minus = (P - self.point[0], self.point[1], self.point[2],
                 P - self.point[3])
        return ed_bytes(ed_add(ed_times(s, BASE),
                               ed_times(k, minus))) == signature[:32]
