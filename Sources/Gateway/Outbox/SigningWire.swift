package import MailAuth
import MailFormat
package import MailTypes
import Synchronization

/// The keys that mail is signed with, by the domain of its author; replaced whole when they are read again.
package final class SignerRing: Sendable {
    private let signers: Mutex<[DomainName: DKIMSigner]>

    package init(_ signers: [DomainName: DKIMSigner] = [:]) { self.signers = Mutex(signers) }

    /// Signs with these from now on.
    package func replace(_ signers: [DomainName: DKIMSigner]) { self.signers.withLock { $0 = signers } }

    /// Who signs for a domain.
    package func signer(for domain: DomainName) -> DKIMSigner? { signers.withLock { $0[domain] } }
}

/// Signs everything that leaves (RFC 6376), whatever part of the desk wrote it: each attempt anew, so that a key that was
/// changed meanwhile is the one that is published. The body is hashed piece by piece.
package struct SigningWire: DeliveryWire {
    private let wire: any DeliveryWire
    private let ring: SignerRing
    private let clock: any WallClock

    package init(_ wire: any DeliveryWire, ring: SignerRing, clock: any WallClock) {
        (self.wire, self.ring, self.clock) = (wire, ring, clock)
    }

    package var hasOneNextHop: Bool { wire.hasOneNextHop }

    package func deliver(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt] {
        // A content that cannot be read cannot be sent either: the wire says so.
        guard let signed = try? await SignedContent(mail.content, ring: ring, clock: clock) else {
            return await wire.deliver(mail, to: recipients)
        }
        var mail = mail
        mail.content = signed
        mail.size += signed.signature.count
        return await wire.deliver(mail, to: recipients)
    }
}

/// A content with its signature on top.
private struct SignedContent: OutgoingContent {
    let signature: [UInt8]
    private let content: any OutgoingContent
    private let ring: SignerRing
    private let clock: any WallClock

    /// `nil` where nobody signs for the author's domain.
    init?(_ content: any OutgoingContent, ring: SignerRing, clock: any WallClock) async throws {
        guard let first = try await content.piece(0) else { return nil }
        let header = HeaderSection(first)
        guard let author = header.addresses(of: "From").first?.address, let signer = ring.signer(for: author.domain)
        else { return nil }
        var digests = MessageDigests(header, forms: [.relaxed])
        first.withUnsafeBytes { digests.update(UnsafeRawBufferPointer(rebasing: $0[header.bodyStart...])) }
        var index = 1
        while let piece = try await content.piece(index) {
            piece.withUnsafeBytes { digests.update($0) }
            index += 1
        }
        signature = signer.sign(digests.finish(), at: clock.now)
        (self.content, self.ring, self.clock) = (content, ring, clock)
    }

    func piece(_ index: Int) async throws -> [UInt8]? {
        guard let piece = try await content.piece(index) else { return nil }
        return index == 0 ? signature + piece : piece
    }

    /// The signature covers the octets as they are transmitted: converted first, then signed (RFC 6376 §5.3).
    func sevenBit() async throws -> (any OutgoingContent)? {
        guard let converted = try await content.sevenBit() else { return nil }
        return try await SignedContent(converted, ring: ring, clock: clock) ?? converted
    }
}
