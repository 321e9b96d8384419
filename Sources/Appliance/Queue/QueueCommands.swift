import Gateway
import MailTypes

/// The commands of `stempel queue`.
package struct QueueCommands: Sendable {
    private let desk: CommandLineDesk

    package init(configuration: String) { desk = CommandLineDesk(configuration: configuration) }

    /// Carries an order out, in the running server where there is one. A recipient is compared as an address, a destination
    /// as a domain.
    package func perform(_ order: QueueOrder, isJSON: Bool) async throws -> String {
        var order = order
        if let recipient = order.choice.recipient {
            guard let address = EmailAddress(recipient) else {
                throw CommandFailure(.dataError, "\(recipient) is no address")
            }
            order.choice.recipient = address.identity
        }
        if let destination = order.choice.destination {
            guard let domain = DomainName(destination) else {
                throw CommandFailure(.dataError, "\(destination) is no domain")
            }
            order.choice.destination = domain.ascii
        }
        return try await desk.perform(.queue(order, isJSON: isJSON))
    }
}
