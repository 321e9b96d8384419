import Appliance
import ArgumentParser

/// `stempel customer …`.
struct CustomerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer", abstract: "List, show and change customers; export and erase what is known of one.",
        discussion: "A customer is named by number, by one of the addresses, or by a name that is one customer's only.",
        subcommands: [
            CustomerList.self, CustomerShow.self, CustomerSet.self, CustomerAttach.self, CustomerDetach.self,
            CustomerJoin.self, CustomerExport.self, CustomerErase.self,
        ])
}

struct CustomerList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print a line for each customer: number, name and firm, addresses.",
        discussion: "The newest come first; --below with the last number goes on. zolw finds Żółw.")

    @OptionGroup var argument: ConfigurationArgument
    @Argument(help: ArgumentHelp("Part of a name, of a firm or of an address.", valueName: "TEXT")) var text: String =
        ""
    @Option(help: ArgumentHelp("Customers with lower numbers.", valueName: "N")) var below: Int64?
    @Option(help: ArgumentHelp("At most so many.", valueName: "N")) var limit = 100
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish {
            try await RecordCommands(configuration: argument.configuration)
                .customers(text, below: below, limit: limit, isJSON: output.isJSON)
        }
    }
}

/// A configuration and a customer.
struct CustomerArguments: ParsableArguments {
    @OptionGroup var argument: ConfigurationArgument
    @Argument(help: ArgumentHelp("A number, an address, or a name.", valueName: "CUSTOMER")) var customer: String

    var commands: RecordCommands { RecordCommands(configuration: argument.configuration) }
}

/// `--as`.
struct ActorArguments: ParsableArguments {
    @Option(name: .customLong("as"), help: ArgumentHelp("Who does it.", valueName: "LOGIN")) var login: String?
}

struct CustomerShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print what is known of a customer: addresses, cases, history.")

    @OptionGroup var place: CustomerArguments
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish { try await place.commands.showCustomer(place.customer, isJSON: output.isJSON) }
    }
}

struct CustomerSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change name, firm, phone, note or other fields of a customer; KEY= removes one.")

    @OptionGroup var place: CustomerArguments
    @Argument(help: ArgumentHelp("What changes.", valueName: "KEY=VALUE")) var assignments: [String]
    @OptionGroup var actor: ActorArguments

    func run() async throws {
        try await finish { try await place.commands.setCustomer(place.customer, assignments, by: actor.login) }
    }
}

struct CustomerAttach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Give a case to a customer, with the address that opened it.")

    @OptionGroup var place: CustomerArguments
    @Argument(help: ArgumentHelp("The number of the case.", valueName: "N")) var number: CaseNumber
    @Flag(help: "With the earlier cases that this address opened.") var withEarlier = false
    @OptionGroup var actor: ActorArguments

    func run() async throws {
        try await finish {
            try await place.commands.attach(
                number.value, to: place.customer, withEarlier: withEarlier, by: actor.login)
        }
    }
}

struct CustomerDetach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detach", abstract: "Take a case away from its customer; it is of one of its own then.")

    @OptionGroup var place: CaseArguments
    @Flag(help: "With the address that opened it and its earlier cases.") var withEarlier = false
    @OptionGroup var actor: ActorArguments

    func run() async throws {
        try await finish {
            try await place.commands.detach(place.number.value, withEarlier: withEarlier, by: actor.login)
        }
    }
}

struct CustomerJoin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Make two records of one customer one: CUSTOMER becomes part of OTHER.")

    @OptionGroup var place: CustomerArguments
    @Argument(help: ArgumentHelp("The customer that stays.", valueName: "OTHER")) var other: String
    @OptionGroup var actor: ActorArguments

    func run() async throws {
        try await finish { try await place.commands.join(place.customer, into: other, by: actor.login) }
    }
}

struct CustomerExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write everything about a customer into a new directory.",
        discussion: """
            customer.json holds what is known of the customer and of every case in which one of the addresses takes part, with \
            events and deliveries; case-N/M-KIND.eml is message M of case N as agents see it.
            """)

    @OptionGroup var place: CustomerArguments
    @Argument(help: ArgumentHelp("A directory that is not there yet.", valueName: "DIR"), completion: .directory)
    var directory: String
    @OptionGroup var actor: ActorArguments

    func run() async throws {
        try await finish { try await place.commands.export(place.customer, to: directory, by: actor.login) }
    }
}

struct CustomerErase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase a customer: mail, copies, addresses, texts of events. It cannot be undone.",
        discussion: """
            Numbers, statuses and times of cases stay. A ledger beside the database sees to it that a restored, older \
            database is erased again. Copies that agents made are found by Message-ID, by references, and by the customer's \
            address in the header; what agents wrote about the customer elsewhere is not.
            """)

    @OptionGroup var place: CustomerArguments
    @Option(name: .customLong("by"), help: ArgumentHelp("The admin who decides it.", valueName: "LOGIN")) var admin:
        String
    @Option(name: .customLong("and"), help: ArgumentHelp("The supervisor who decides it, too.", valueName: "LOGIN"))
    var supervisor: String

    func run() async throws {
        try await finish { try await place.commands.erase(place.customer, by: admin, and: supervisor) }
    }
}
