import Desk
import MailFormat
import MailTypes

extension FilteredMail {
    /// A mail that came in, its body read where it lies.
    init(_ content: ReceivedContent, _ peer: Peer, store: any DeskStore) {
        let start = content.header.octets.count
        let size = content.size
        self.init(
            header: content.header, id: peer.mailID,
            body: { offset, count in
                let lower = start + max(0, offset)
                let range = lower..<max(lower, min(size, lower + count))
                guard !range.isEmpty else { return [] }
                switch content.octets {
                case .memory(let octets): return Array(octets[range.clamped(to: octets.indices)])
                case .staged(let staging):
                    // What is still under way is written before a write that asks for nothing.
                    if offset == 0 { try await store.write { _ in } }
                    if let failure = staging.failure { throw failure }
                    guard let content = staging.content else { throw StoreFailure(.unavailable) }
                    return try await store.read { try $0.octets(range, of: content) }
                }
            })
    }
}
