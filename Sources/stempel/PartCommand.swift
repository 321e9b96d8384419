import Appliance
import ArgumentParser

/// A kind of named parts of the desk, with its word on the command line.
protocol PartKind {
    static var word: String { get }
    /// An assignment as an example.
    static var example: String { get }
    static var others: [any ParsableCommand.Type] { get }
}

extension PartKind {
    static var others: [any ParsableCommand.Type] { [] }
}

enum PoolKind: PartKind {
    static let word = "pool"
    static let example = "firstAnswerWithin=4h members.agent1@acme.example=2 addresses+=info@acme.example"
}

enum AgentKind: PartKind {
    static let word = "agent"
    static let example = "name='Agent One' role=agent language=pl initialPassword"
    static let others: [any ParsableCommand.Type] = [
        AgentPassword.self, AgentAway.self, AgentBack.self, AgentAbsences.self,
    ]
}

enum GroupKind: PartKind {
    static let word = "group"
    static let example = "members+=agent1@acme.example"
}

enum DepartmentKind: PartKind {
    static let word = "department"
    static let example = "addresses='[ legal@dept.example ]' answerWithin=2d"
}

enum TemplateKind: PartKind {
    static let word = "template"
    static let example = "subject='Thank you' text=@thanks.txt"
}

enum RuleKind: PartKind {
    static let word = "rule"
    static let example = "when='{ subject: refund }' then.tag=refund then.stop=true"
}

enum FolderKind: PartKind {
    static let word = "folder"
    static let example = ""
}

enum DictionaryKind: PartKind {
    static let word = "dictionary"
    static let example = "values='[ kettle, toaster ]'; values+=grill"
}

enum CalendarKind: PartKind {
    static let word = "calendar"
    static let example = "weekly.mon-fri='08:00-16:00' holidays+=2026-12-25"
}

/// `stempel pool …` and its like.
struct PartCommand<Kind: PartKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Kind.word, abstract: "List, show and change each \(Kind.word) of the desk.",
            discussion: Kind.example.isEmpty
                ? ""
                : """
                Keys and values are those of the desk file: KEY=VALUE sets, KEY+=VALUE adds to a list, KEY-=VALUE takes out \
                of one, KEY= removes the key, KEY=@FILE takes the text of a file, KEY alone that of standard input. Dots lead \
                into a key. For example: \(Kind.example)
                """,
            subcommands: [
                PartList<Kind>.self, PartShow<Kind>.self, PartAdd<Kind>.self, PartSet<Kind>.self, PartRename<Kind>.self,
                PartRemove<Kind>.self,
            ] + Kind.others)
    }
}

/// What all commands about named parts begin with.
struct PartArguments<Kind: PartKind>: ParsableArguments {
    @OptionGroup var argument: ConfigurationArgument

    var commands: PartCommands { PartCommands(configuration: argument.configuration, word: Kind.word) }
}

/// `--json`.
struct OutputArguments: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON.") var isJSON = false
}

struct PartList<Kind: PartKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: "Print a line for each \(Kind.word).")
    }
    @OptionGroup var part: PartArguments<Kind>
    @OptionGroup var output: OutputArguments

    func run() async throws { try await finish { try await part.commands.list(isJSON: output.isJSON) } }
}

struct PartShow<Kind: PartKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: "Print one \(Kind.word) as the desk file writes it.")
    }
    @OptionGroup var part: PartArguments<Kind>
    @Argument(help: ArgumentHelp("Its name.", valueName: "NAME")) var name: String
    @OptionGroup var output: OutputArguments

    func run() async throws { try await finish { try await part.commands.show(name, isJSON: output.isJSON) } }
}

struct PartAdd<Kind: PartKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "add", abstract: "Add a \(Kind.word), or bring one back that was removed.")
    }
    @OptionGroup var part: PartArguments<Kind>
    @Argument(help: ArgumentHelp("Its name.", valueName: "NAME")) var name: String
    @Argument(help: ArgumentHelp("Its keys.", valueName: "KEY=VALUE")) var assignments: [String] = []
    @Option(help: ArgumentHelp("Where it stands among its kind, from 1.", valueName: "N")) var position: Int?
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish { try await part.commands.add(name, assignments, at: position, isJSON: output.isJSON) }
    }
}

struct PartSet<Kind: PartKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "set", abstract: "Change keys of a \(Kind.word).")
    }
    @OptionGroup var part: PartArguments<Kind>
    @Argument(help: ArgumentHelp("Its name.", valueName: "NAME")) var name: String
    @Argument(help: ArgumentHelp("What changes.", valueName: "KEY=VALUE")) var assignments: [String] = []
    @Option(help: ArgumentHelp("Where it stands among its kind, from 1.", valueName: "N")) var position: Int?
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish { try await part.commands.set(name, assignments, at: position, isJSON: output.isJSON) }
    }
}

struct PartRename<Kind: PartKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "rename", abstract: "Give a \(Kind.word) another name; what names it follows.")
    }
    @OptionGroup var part: PartArguments<Kind>
    @Argument(help: ArgumentHelp("Its name.", valueName: "NAME")) var name: String
    @Argument(help: ArgumentHelp("Its new name.", valueName: "NEW")) var new: String
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish { try await part.commands.rename(name, to: new, isJSON: output.isJSON) }
    }
}

struct PartRemove<Kind: PartKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "remove", abstract: "Take a \(Kind.word) out of the desk. Nothing of its history is deleted.")
    }
    @OptionGroup var part: PartArguments<Kind>
    @Argument(help: ArgumentHelp("Its name.", valueName: "NAME")) var name: String
    @OptionGroup var output: OutputArguments

    func run() async throws { try await finish { try await part.commands.remove(name, isJSON: output.isJSON) } }
}
