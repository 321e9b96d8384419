package import Gateway
package import Mailboxes

extension Store: MailboxStore {
    package func write<R: Sendable>(
        octets: Int, _ body: @escaping @Sendable (any MailboxTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) {
        runWrite(octets: octets, { try body($0) }, completion: completion)
    }

    package func read<R: Sendable>(
        _ body: @escaping @Sendable (any MailboxTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) {
        runRead({ try body($0) }, completion: completion)
    }
}

extension Transaction: MailboxTransaction {}
