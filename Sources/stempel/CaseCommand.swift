import Appliance
import ArgumentParser

/// `stempel case …`.
struct CaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case", abstract: "List cases, show one, and decide about it.",
        discussion:
            "What changes a case is told in its events as done by the account of --as, else by the desk's first admin.",
        subcommands: [
            CaseList.self, CaseShow.self, CaseEvents.self, CaseAssign.self, CaseGroup.self, CaseStatus.self,
            CasePool.self,
            CaseFolder.self, CasePriority.self, CaseCategory.self, CaseSource.self, CaseTag.self, CaseUntag.self,
            CaseFollow.self, CaseUnfollow.self, CaseAnswer.self, CaseLink.self, CaseMerge.self, CaseUnmerge.self, CaseSplit.self,
        ])
}

struct CaseList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print a line for each case: number, status, pool, assignee, subject, marks.",
        discussion: "Cases come by number; --after with the last number goes on.")

    @OptionGroup var argument: ConfigurationArgument
    @Option(help: ArgumentHelp("Cases of this pool.", valueName: "POOL")) var pool: String?
    @Option(help: ArgumentHelp("Cases of this status; may be repeated.", valueName: "STATUS")) var status: [String] = []
    @Option(help: ArgumentHelp("Cases of this account.", valueName: "LOGIN")) var assignee: String?
    @Flag(help: "Cases of nobody.") var unassigned = false
    @Option(help: ArgumentHelp("Cases of this customer: a number, an address, a name.", valueName: "CUSTOMER"))
    var customer: String?
    @Option(help: ArgumentHelp("Cases with this tag.", valueName: "TAG")) var tag: String?
    @Flag(help: "Cases with a deadline that has passed.") var overdue = false
    @Option(help: ArgumentHelp("Cases with higher numbers.", valueName: "N")) var after: Int64?
    @Option(help: ArgumentHelp("At most so many.", valueName: "N")) var limit = 100
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish {
            try await RecordCommands(configuration: argument.configuration).cases(
                pool: pool, statuses: status, assignee: assignee, isUnassigned: unassigned, customer: customer,
                tag: tag,
                isOverdue: overdue, after: after, limit: limit, isJSON: output.isJSON)
        }
    }
}

/// A configuration and a case.
struct CaseArguments: ParsableArguments {
    @OptionGroup var argument: ConfigurationArgument
    @Argument(help: ArgumentHelp("The number of the case.", valueName: "N")) var number: CaseNumber

    var commands: RecordCommands { RecordCommands(configuration: argument.configuration) }
}

/// `17` or `#17`.
struct CaseNumber: ExpressibleByArgument {
    let value: Int64
    init?(argument: String) {
        guard let number = Int64(argument.hasPrefix("#") ? String(argument.dropFirst()) : argument), number > 0 else {
            return nil
        }
        value = number
    }
}

/// A case and who decides about it.
struct DecisionArguments: ParsableArguments {
    @OptionGroup var place: CaseArguments
    @Option(name: .customLong("as"), help: ArgumentHelp("Who does it.", valueName: "LOGIN")) var login: String?
    @OptionGroup var output: OutputArguments

    func carryOut(_ change: RecordCommands.CaseChange) async throws {
        try await finish {
            try await place.commands.change(place.number.value, change, by: login, isJSON: output.isJSON)
        }
    }
}

struct CaseShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a case with its messages, its events and its deliveries.")

    @OptionGroup var place: CaseArguments
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish { try await place.commands.showCase(place.number.value, isJSON: output.isJSON) }
    }
}

struct CaseEvents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what happened to a case, the oldest first.")

    @OptionGroup var place: CaseArguments
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish { try await place.commands.events(of: place.number.value, isJSON: output.isJSON) }
    }
}

struct CaseAssign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "assign", abstract: "Give a case to somebody.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The account that gets it.", valueName: "LOGIN")) var assignee: String

    func run() async throws { try await decision.carryOut(.assign(assignee)) }
}

struct CaseGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "group", abstract: "Give a case to a group.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The group that gets it.", valueName: "GROUP")) var group: String

    func run() async throws { try await decision.carryOut(.group(group)) }
}

struct CaseStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Set the status of a case: new, waiting, done, closed, spam.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("new gives it back to the queue.", valueName: "STATUS")) var status: String

    func run() async throws { try await decision.carryOut(.status(status)) }
}

struct CasePool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Move a case to another pool; nobody has it then.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The pool.", valueName: "POOL")) var pool: String

    func run() async throws { try await decision.carryOut(.pool(pool)) }
}

struct CaseFolder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "folder", abstract: "File a case in a custom folder.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The folder.", valueName: "FOLDER")) var folder: String

    func run() async throws { try await decision.carryOut(.folder(folder)) }
}

struct CasePriority: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "priority", abstract: "Set the priority of a case: low, normal, high, urgent.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The priority.", valueName: "PRIORITY")) var priority: String

    func run() async throws { try await decision.carryOut(.priority(priority)) }
}

struct CaseCategory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "category", abstract: "Set the category of a case; without one it has none.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The category.", valueName: "CATEGORY")) var category: String?

    func run() async throws { try await decision.carryOut(.category(category)) }
}

struct CaseSource: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "Say how the customer came: mail, phone, sms, chat, web, letter, in-person.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The source.", valueName: "SOURCE")) var source: String

    func run() async throws { try await decision.carryOut(.source(source)) }
}

struct CaseTag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tag", abstract: "Give a case tags.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("Tags.", valueName: "TAG")) var tags: [String]

    func run() async throws { try await decision.carryOut(.tag(tags)) }
}

struct CaseUntag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "untag", abstract: "Take tags off a case.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("Tags.", valueName: "TAG")) var tags: [String]

    func run() async throws { try await decision.carryOut(.untag(tags)) }
}

struct CaseFollow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "follow", abstract: "Let somebody follow a case.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("Who follows it.", valueName: "LOGIN")) var follower: String

    func run() async throws { try await decision.carryOut(.follow(follower)) }
}

struct CaseUnfollow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unfollow", abstract: "Let somebody follow a case no more.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("Who followed it.", valueName: "LOGIN")) var follower: String

    func run() async throws { try await decision.carryOut(.unfollow(follower)) }
}

struct CaseAnswer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer", abstract: "Answer a question about a case; an empty answer takes it back.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The question and the answer.", valueName: "NAME=ANSWER")) var answer: String

    func run() async throws { try await decision.carryOut(.answer(answer)) }
}

struct CaseLink: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "link", abstract: "Link two cases with each other.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The other case.", valueName: "OTHER")) var other: CaseNumber

    func run() async throws { try await decision.carryOut(.link(other.value)) }
}

struct CaseMerge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Let a case go into another one; its number leads there.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("The case that takes it in.", valueName: "OTHER")) var other: CaseNumber
    @Flag(help: "Though they are of different customers.") var anyway = false

    func run() async throws { try await decision.carryOut(.merge(into: other.value, anyway: anyway)) }
}

struct CaseUnmerge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unmerge", abstract: "Undo that a case went into another one.")

    @OptionGroup var decision: DecisionArguments

    func run() async throws { try await decision.carryOut(.unmerge) }
}

struct CaseSplit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split", abstract: "Make messages of a case a case of their own.",
        discussion: "The numbers of messages are those that `case show` prints.")

    @OptionGroup var decision: DecisionArguments
    @Argument(help: ArgumentHelp("Numbers of messages.", valueName: "MESSAGE")) var messages: [Int64]

    func run() async throws { try await decision.carryOut(.split(messages)) }
}

struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell the story of a mail, from the connection that brought it to the answer and beyond.",
        discussion: "Mail that was refused is told for 14 days.")

    @OptionGroup var argument: ConfigurationArgument
    @Argument(help: ArgumentHelp("Its Message-ID, or a case as '#17'.", valueName: "MESSAGE-ID")) var mail: String
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish {
            try await RecordCommands(configuration: argument.configuration).why(mail, isJSON: output.isJSON)
        }
    }
}
