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

/// Signs everything that leaves (RFC 6376), whatever part of the desk wrote it, and seals what others wrote and the desk
/// passes on (RFC 8617): each attempt anew, so that a key that was changed meanwhile is the one that is published. The body
/// is hashed piece by piece.
package struct SigningWire: DeliveryWire {
    private let wire: any DeliveryWire
    private let ring: SignerRing
    private let clock: any WallClock
    private let hostname: DomainName

    /// - Parameter hostname: by which Authentication-Results name us.
    package init(_ wire: any DeliveryWire, ring: SignerRing, clock: any WallClock, hostname: DomainName) {
        (self.wire, self.ring, self.clock, self.hostname) = (wire, ring, clock, hostname)
    }

    package var hasOneNextHop: Bool { wire.hasOneNextHop }

    package func deliver(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt] {
        // A content that cannot be read cannot be sent either: the wire says so.
        guard let signed = try? await SignedContent(mail.content, signing(mail)) else {
            return await wire.deliver(mail, to: recipients)
        }
        var mail = mail
        mail.content = signed
        mail.size += signed.fields.count
        return await wire.deliver(mail, to: recipients)
    }

    /// What signs a mail: its author's domain, or the one that passes it on. What a stranger wrote in our own name is none
    /// of ours.
    private func signing(_ mail: OutgoingMail) -> SignedContent.Signing {
        let (ring, clock, hostname) = (ring, clock, hostname)
        guard mail.isPassedOn else {
            return { header in
                let author = header.addresses(of: "From").first?.address
                guard let signer = author.flatMap({ ring.signer(for: $0.domain) }) else { return nil }
                return { signer.sign($0, at: clock.now) }
            }
        }
        let domain = mail.reversePath?.domain
        return { header in
            guard let sealer = domain.flatMap(ring.signer)?.sealer,
                let found = ARCFindings(header, by: hostname.ascii)
            else { return nil }
            return { sealer.seal($0, results: found.results, chain: found.chain, at: clock.now) }
        }
    }
}

/// A content with its signature on top.
private struct SignedContent: OutgoingContent {
    /// Whether a mail with this header section is signed, and then how.
    typealias Signing = @Sendable (HeaderSection) -> (@Sendable (DigestedMessage) -> [UInt8]?)?

    let fields: [UInt8]
    private let content: any OutgoingContent
    private let signing: Signing

    /// `nil` where nobody signs.
    init?(_ content: any OutgoingContent, _ signing: @escaping Signing) async throws {
        guard let first = try await content.piece(0) else { return nil }
        let header = HeaderSection(first)
        guard let sign = signing(header) else { return nil }
        var digests = MessageDigests(header, forms: [.relaxed])
        first.withUnsafeBytes { digests.update(UnsafeRawBufferPointer(rebasing: $0[header.bodyStart...])) }
        var index = 1
        while let piece = try await content.piece(index) {
            piece.withUnsafeBytes { digests.update($0) }
            index += 1
        }
        guard let fields = sign(digests.finish()) else { return nil }
        (self.fields, self.content, self.signing) = (fields, content, signing)
    }

    func piece(_ index: Int) async throws -> [UInt8]? {
        guard let piece = try await content.piece(index) else { return nil }
        return index == 0 ? fields + piece : piece
    }

    /// The signature covers the octets as they are transmitted: converted first, then signed (RFC 6376 §5.3).
    func downgraded(_ downgrade: ContentDowngrade) async throws -> (any OutgoingContent)? {
        guard let converted = try await content.downgraded(downgrade) else { return nil }
        return try await SignedContent(converted, signing) ?? converted
    }
}
