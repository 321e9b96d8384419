import Appliance
import ArgumentParser

struct Queue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What waits in the outbox: list, show, retry, hold, release, cancel, flush.",
        subcommands: [
            List.self, Show.self, Retry.self, Hold.self, Release.self, Cancel.self, Flush.self,
            TLS.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a line for each delivery that waits.")
        @OptionGroup var argument: ConfigurationArgument
        @OptionGroup var filter: QueueFilter
        @Option(help: ArgumentHelp("The most lines.", valueName: "N")) var limit = 1000
        @OptionGroup var output: OutputArguments

        func run() async throws {
            let order = QueueOrder(.list, to: filter.to, destination: filter.destination, limit: limit)
            try await argument.perform(order, output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a mail of the outbox with all its deliveries.")
        @OptionGroup var argument: ConfigurationArgument
        @Argument(help: ArgumentHelp("Numbers as list prints them.", valueName: "MAIL")) var mails: [Int64]
        @OptionGroup var output: OutputArguments

        func run() async throws {
            try await argument.perform(QueueOrder(.show, mails: mails), output)
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try deliveries that wait at once.")
        @OptionGroup var argument: ConfigurationArgument
        @OptionGroup var chosen: ChosenMails
        func run() async throws { try await chosen.order(.retry, argument) }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keep deliveries back until release.")
        @OptionGroup var argument: ConfigurationArgument
        @OptionGroup var chosen: ChosenMails
        func run() async throws { try await chosen.order(.hold, argument) }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let held deliveries go.")
        @OptionGroup var argument: ConfigurationArgument
        @OptionGroup var chosen: ChosenMails
        func run() async throws { try await chosen.order(.release, argument) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give deliveries up. Their cases are told, as of any mail that does not arrive.")
        @OptionGroup var argument: ConfigurationArgument
        @OptionGroup var chosen: ChosenMails
        func run() async throws { try await chosen.order(.cancel, argument) }
    }

    struct Flush: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try everything that waits at once, but what is held.")
        @OptionGroup var argument: ConfigurationArgument
        @OptionGroup var output: OutputArguments
        func run() async throws { try await argument.perform(QueueOrder(.flush), output) }
    }

    struct TLS: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tls", abstract: "Print what TLS with other domains' servers came to, by day (RFC 8460).")
        @OptionGroup var argument: ConfigurationArgument
        @Option(help: ArgumentHelp("How many days.", valueName: "N")) var days = 7
        @OptionGroup var output: OutputArguments
        func run() async throws { try await argument.perform(QueueOrder(.tls, limit: days), output) }
    }
}

extension ConfigurationArgument {
    /// Carries an order out and prints what came of it.
    fileprivate func perform(_ order: QueueOrder, _ output: OutputArguments) async throws {
        try await finish {
            try await QueueCommands(configuration: configuration).perform(order, isJSON: output.isJSON)
        }
    }
}

/// By what deliveries are chosen beside numbers.
struct QueueFilter: ParsableArguments {
    @Option(help: ArgumentHelp("A recipient.", valueName: "ADDRESS")) var to: String?
    @Option(help: ArgumentHelp("The recipients' domain.", valueName: "DOMAIN")) var destination: String?
}

/// The deliveries that an order is about.
struct ChosenMails: ParsableArguments {
    @Argument(help: ArgumentHelp("Numbers as list prints them.", valueName: "MAIL")) var mails: [Int64] = []
    @OptionGroup var filter: QueueFilter
    @OptionGroup var output: OutputArguments

    fileprivate func order(_ verb: QueueOrder.Verb, _ argument: ConfigurationArgument) async throws {
        let order = QueueOrder(verb, mails: mails, to: filter.to, destination: filter.destination)
        try await argument.perform(order, output)
    }
}
