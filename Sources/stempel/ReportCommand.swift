import Appliance
import ArgumentParser

/// `stempel report`.
struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count a period: mails, cases closed in time and late, consultations, replies, times.",
        discussion: "Days are those of the desk's time zone, both included. --explain says what each figure means.")

    @OptionGroup var argument: ConfigurationArgument
    @Option(help: ArgumentHelp("The first day.", valueName: "2026-01-01")) var from: String?
    @Option(help: ArgumentHelp("The last day.", valueName: "2026-01-31")) var to: String?
    @Option(help: ArgumentHelp("A row for each agent, pool, address, department, or answer to a question.", valueName: "WHAT"))
    var by: String?
    @Flag(help: "Print CSV, times in seconds.") var csv = false
    @Flag(help: "Print JSON, times in seconds.") var json = false
    @Flag(help: "Print what each figure means.") var explain = false

    func validate() throws {
        if csv, json { throw ValidationError("--csv and --json exclude each other") }
        if !explain, from == nil || to == nil { throw ValidationError("--from and --to are needed") }
        if let by, !ReportCommands.divisions.contains(by) {
            throw ValidationError("--by is one of \(ReportCommands.divisions.joined(separator: ", "))")
        }
    }

    func run() async throws {
        try await finish {
            let commands = ReportCommands(configuration: argument.configuration)
            guard !explain, let from, let to else { return commands.explain() }
            return try await commands.report(from: from, to: to, by: by, isCSV: csv, isJSON: json)
        }
    }
}

/// `stempel board`.
struct Board: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the cases in hand and the age of the oldest, by status, pool and agent.",
        discussion: "On a terminal it is renewed until it is interrupted; elsewhere, and with --once or --json, printed once.")

    @OptionGroup var argument: ConfigurationArgument
    @Flag(help: "Print it once.") var once = false
    @Option(help: ArgumentHelp("Renew it every so many seconds.", valueName: "N")) var every = 2
    @OptionGroup var output: OutputArguments

    func validate() throws {
        if !(1...3600).contains(every) { throw ValidationError("--every is between 1 and 3600 seconds") }
    }

    func run() async throws {
        let commands = ReportCommands(configuration: argument.configuration)
        guard ReportCommands.isOnTerminal, !once, !output.isJSON else {
            return try await finish { try await commands.board(isJSON: output.isJSON) }
        }
        while true {
            // Home, the table, and nothing of what stood below it before.
            try await finish { "\u{1B}[H\u{1B}[2J" + (try await commands.board(isJSON: false)) }
            try await Task.sleep(for: .seconds(every))
        }
    }
}
