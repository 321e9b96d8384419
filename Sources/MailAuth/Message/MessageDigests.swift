package import MailFormat

/// What has to be hashed of a body so that its signatures can be checked, known as soon as the header section is; fed with
/// the body while that passes.
///
///     var digests = MessageDigests(header)
///     digests.update(octets)  // of the body, in pieces
///     let message = digests.finish()
package struct MessageDigests: Sendable {
    private let header: HeaderSection
    private var digests: [Canonicalization: BodyDigest] = [:]

    /// Hashes in the forms that signatures of the header section name, and in those that are wanted beside.
    package init(_ header: HeaderSection, forms: Set<Canonicalization> = []) {
        self.header = header
        var wanted = forms
        for name in ["DKIM-Signature", "ARC-Message-Signature"] {
            for field in header.all(name).prefix(SignatureLimits.fields) {
                if let form = SignatureField.bodyForm(header.octets[field.body]) { wanted.insert(form) }
            }
        }
        for form in wanted { digests[form] = BodyDigest(form) }
    }

    /// Whether nothing needs to be hashed.
    package var isIdle: Bool { digests.isEmpty }

    /// Takes the next octets of the body.
    package mutating func update(_ octets: UnsafeRawBufferPointer) {
        for form in [Canonicalization.simple, .relaxed] { digests[form]?.update(octets) }
    }

    /// Ends the body.
    package func finish() -> DigestedMessage {
        DigestedMessage(header: header, bodies: digests.mapValues { $0.finish() })
    }
}

/// A message as signatures look at it.
package struct DigestedMessage: Sendable {
    package var header: HeaderSection
    package var bodies: [Canonicalization: BodyDigest.Finished]

    package init(header: HeaderSection, bodies: [Canonicalization: BodyDigest.Finished]) {
        (self.header, self.bodies) = (header, bodies)
    }

    /// A whole message in memory, hashed in both forms.
    package init(_ octets: [UInt8]) {
        let header = HeaderSection(octets)
        let section = HeaderSection(octets[..<header.bodyStart])
        var digests = MessageDigests(section, forms: [.simple, .relaxed])
        octets.withUnsafeBytes { digests.update(UnsafeRawBufferPointer(rebasing: $0[header.bodyStart...])) }
        self = digests.finish()
    }
}

/// What signatures may cost.
package enum SignatureLimits {
    /// Signature fields of one kind that are looked at; an attacker may add any number.
    package static let fields = 10
    /// Octets of one such field.
    package static let fieldOctets = 16384
    /// Bits of an RSA modulus (RFC 8301 §3.2).
    package static let leastRSABits = 1024
}
