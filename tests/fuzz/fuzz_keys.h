/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_FUZZ_KEYS_H
#define PDP_TESTS_FUZZ_KEYS_H

/*
 * Keys of which nobody has the private half: it was thrown away when they
 * were made.  So no input, however clever, has a signature of theirs.
 */

static const char fuzz_keys[] =
    "{\"keys\":["
    "{\"kid\":\"rsa\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\""
    "0FjIs4EzYhbhNQVvOoxc5C7SQX023rDQimf9SEr1Q_tuv9ZiaA--rSFd5LPI"
    "ZpGsg9zEraoB8bA8KQYx-_9qU6q-G8OVi2lVeKjrxzc2PqVY1inMSP--vSHx"
    "HDEmVBjGpIdvutdMLEYqOrI3VnjOQAwGVtgeD9rS45WW9Nxm7tclp7wdzIw2"
    "HqHVEqQXvT7k5PSgyb18h7btw7xMcaKXW3HXRlGwNAtAD68mzleMjD5LZ6Ve"
    "XwGF8846zSl2l5x268_oNhtXOsALqbnKoL0Ldyp3kZ6GrnBHzQ5P6geeRfPu"
    "Ahh9vM0AZK5j92O-_A25GXF0pwl-Zcb76IDNAYU9MQ"
    "\"},"
    "{\"kid\":\"ec\",\"kty\":\"EC\",\"crv\":\"P-256\","
    "\"x\":\"L1Q8aUU4Z8W_BYPN6TdLQHJIb8ajwrgW3YvVs0Qi6N4\","
    "\"y\":\"wB9U_g_17XfIVlb-5akbMiSBHCxLXvtCHJfuRinR9fE\"},"
    "{\"kid\":\"ed\",\"kty\":\"OKP\",\"crv\":\"Ed25519\","
    "\"x\":\"m8cwA5ql6Hwu9RFjCRbXeEcggjsVAxTxcPixCWKgi8o\"}]}";

#endif
