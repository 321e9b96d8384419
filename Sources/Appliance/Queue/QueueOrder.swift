import Gateway

/// What an operator orders of the outbox.
package struct QueueOrder: Codable, Sendable, Equatable {
    /// What is to be done.
    package enum Verb: String, Codable, Sendable, CaseIterable { case list, show, retry, hold, release, cancel, flush, tls }

    package var verb: Verb
    var choice: QueueChoice
    /// The most deliveries that are listed; of TLS the days.
    package var limit: Int

    /// Mails by their numbers, deliveries to a recipient or to a domain.
    package init(_ verb: Verb, mails: [Int64] = [], to: String? = nil, destination: String? = nil, limit: Int = 1000) {
        (self.verb, self.limit) = (verb, limit)
        choice = QueueChoice(submissions: mails, destination: destination, recipient: to)
    }
}
