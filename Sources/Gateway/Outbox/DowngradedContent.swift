import MailFormat
package import MailTypes

extension OutgoingContent {
    /// First its header section, then its parts: octets that nobody here has signed yet.
    package func downgraded(_ downgrade: ContentDowngrade) async throws -> (any OutgoingContent)? {
        guard downgrade.contains(.header) else { return try await sevenBit() }
        guard let first = try await piece(0), let header = ASCIIHeader.write(HeaderSection(first)) else { return nil }
        let content = ContentWithFirstPiece(first: header, rest: self)
        return downgrade.contains(.body) ? try await content.sevenBit() : content
    }
}

/// A content whose first piece is another one.
private struct ContentWithFirstPiece: OutgoingContent {
    let first: [UInt8]
    let rest: any OutgoingContent

    func piece(_ index: Int) async throws -> [UInt8]? {
        index == 0 ? first : try await rest.piece(index)
    }
}
