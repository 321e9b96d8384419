package import MailFormat

/// What has to be hashed of a body so that its signatures can be checked, known as soon as the header section is; fed with
/// the body while that passes.
///
///     var digests = MessageDigests(header)
///     digests.update(octets)  // of the body, in pieces
///     let message = digests.finish()
package struct MessageDigests: Sendable {
    private let header: HeaderSection
    private var simple: BodyDigest?
    private var relaxed: BodyDigest?

    /// Hashes in the forms that signatures of the header section name, and in those that are wanted beside.
    package init(_ header: HeaderSection, forms: Set<Canonicalization> = []) {
        self.header = header
        var isWanted = (simple: forms.contains(.simple), relaxed: forms.contains(.relaxed))
        for name in ["DKIM-Signature", "ARC-Message-Signature"] {
            for field in header.all(name).prefix(SignatureLimits.fields) {
                switch SignatureField.bodyForm(header.octets[field.body]) {
                case .simple: isWanted.simple = true
                case .relaxed: isWanted.relaxed = true
                case nil: break
                }
            }
        }
        if isWanted.simple { simple = BodyDigest(.simple) }
        if isWanted.relaxed { relaxed = BodyDigest(.relaxed) }
    }

    /// Whether nothing needs to be hashed.
    package var isIdle: Bool { simple == nil && relaxed == nil }

    /// Takes the next octets of the body.
    package mutating func update(_ octets: UnsafeRawBufferPointer) {
        simple?.update(octets)
        relaxed?.update(octets)
    }

    /// Ends the body.
    package func finish() -> DigestedMessage {
        var bodies: [Canonicalization: BodyDigest.Finished] = [:]
        if let simple { bodies[.simple] = simple.finish() }
        if let relaxed { bodies[.relaxed] = relaxed.finish() }
        return DigestedMessage(header: header, bodies: bodies)
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
