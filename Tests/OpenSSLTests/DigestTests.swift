import OpenSSL
import Testing

/// Hexadecimal digits as octets; blanks are skipped.
func octets(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.filter { $0 != " " && $0 != "\n" }.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

@Suite struct DigestTests {
    /// FIPS 180-4 examples as published by NIST.
    static let digests: [(message: String, digest: String)] = [
        ("", "e3b0c442 98fc1c14 9afbf4c8 996fb924 27ae41e4 649b934c a495991b 7852b855"),
        ("abc", "ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61 d20638b8 e5c02693 0c3e6039 a33ce459 64ff2167 f6ecedd4 19db06c1"
        ),
    ]

    @Test(arguments: digests) func `SHA-256 gives the published digests`(message: String, digest: String) {
        #expect(SHA256.digest(of: Array(message.utf8)) == octets(digest))
    }

    @Test func `a million letters a hash alike in pieces of any size`() {
        let expected = octets("cdc76e5c 9914fb92 81a1c7e2 84d73e67 f1809a48 a497200e 046d39cc c7112cd0")
        for size in [1000, 64, 63] {
            var hash = SHA256()
            var left = 1_000_000
            while left > 0 {
                hash.update([UInt8](repeating: 0x61, count: min(size, left)))
                left -= min(size, left)
            }
            #expect(hash.digest() == expected)
        }
    }

    @Test func `a copy of a hash goes its own way`() {
        var hash = SHA256()
        hash.update(Array("ab".utf8))
        var copy = hash
        copy.update(Array("x".utf8))
        hash.update(Array("c".utf8))
        #expect(hash.digest() == SHA256.digest(of: Array("abc".utf8)))
        #expect(copy.digest() == SHA256.digest(of: Array("abx".utf8)))
        #expect(hash.digest() == hash.digest())
    }

    /// RFC 4231 §4.2–4.4, 4.7, 4.8.
    static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ]

    @Test(arguments: codes) func `HMAC gives the codes of RFC 4231`(key: [UInt8], message: [UInt8], code: String) {
        #expect(HMACSHA256.code(of: message, key: key) == octets(code))
        let kept = HMACSHA256(key: key)
        #expect(kept.code(of: message) == octets(code))
        #expect(kept.verifies(octets(code), of: message))
        #expect(kept.verifies(Array(octets(code).prefix(16)), of: message))
        #expect(!kept.verifies(Array(octets(code).prefix(15)), of: message))
        #expect(!kept.verifies(octets(code), of: message + [0]))
    }

    @Test func `an empty key and an empty message are as good as any`() {
        #expect(
            HMACSHA256.code(of: [], key: [])
                == octets("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))
    }

    /// RFC 7914 §11.
    @Test func `PBKDF2 gives the keys of RFC 7914`() {
        let one = PBKDF2.hmacSHA256(password: Array("passwd".utf8), salt: Array("salt".utf8), iterations: 1, count: 64)
        #expect(
            one
                == octets(
                    """
                    55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc
                    49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783
                    """))
        let many = PBKDF2.hmacSHA256(
            password: Array("Password".utf8), salt: Array("NaCl".utf8), iterations: 80000, count: 64)
        #expect(
            many
                == octets(
                    """
                    4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56
                    a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d
                    """))
    }

    @Test func `equality in constant time is equality`() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
    }

    @Test func `random octets come in the number asked for and differ`() {
        #expect(randomBytes(0) == [])
        #expect(randomBytes(33).count == 33)
        #expect(randomBytes(16) != randomBytes(16))
    }
}
