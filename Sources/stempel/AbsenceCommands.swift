import Appliance
import ArgumentParser

/// `stempel agent away`.
struct AgentAway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "away",
        abstract: "Say on which days an account is not there, and who works on its cases meanwhile.",
        discussion: "Days are whole ones on the account's own clock. Without --substitute its cases go to the queue.")

    @OptionGroup var argument: ConfigurationArgument
    @Argument(help: ArgumentHelp("The login of the account.", valueName: "LOGIN")) var login: String
    @Option(help: ArgumentHelp("The first day.", valueName: "DAY")) var from: String
    @Option(help: ArgumentHelp("The last day; else the first is the only one.", valueName: "DAY")) var to: String?
    @Option(help: ArgumentHelp("Who stands in.", valueName: "LOGIN")) var substitute: String?

    func run() async throws {
        try await finish {
            try await AbsenceCommands(configuration: argument.configuration)
                .away(login, from: from, to: to ?? from, substitute: substitute)
        }
    }
}

/// `stempel agent back`.
struct AgentBack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "back", abstract: "Say that an account is there again, or will not be away after all.")

    @OptionGroup var argument: ConfigurationArgument
    @Argument(help: ArgumentHelp("The login of the account.", valueName: "LOGIN")) var login: String

    func run() async throws {
        try await finish { try await AbsenceCommands(configuration: argument.configuration).back(login) }
    }
}

/// `stempel agent absences`.
struct AgentAbsences: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "absences", abstract: "Print a line for each absence that is not over: account, days, substitute.")

    @OptionGroup var argument: ConfigurationArgument
    @OptionGroup var output: OutputArguments

    func run() async throws {
        try await finish {
            try await AbsenceCommands(configuration: argument.configuration).list(isJSON: output.isJSON)
        }
    }
}
