import Appliance
import ArgumentParser

/// Runs a command and ends with its exit status, its words on the right stream.
func finish(_ body: () async throws -> String) async throws {
    do {
        CommandOutput.print(try await body())
    } catch let failure as CommandFailure {
        CommandOutput.printError(failure.message)
        throw ExitCode(failure.status.rawValue)
    }
}

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the files of a new installation: configuration and a self-signed certificate.")

    @Argument(help: ArgumentHelp("The directory to make.", valueName: "DIR"), completion: .directory)
    var directory: String
    @Option(help: ArgumentHelp("The full name of this machine, as MX records name it.", valueName: "H"))
    var hostname: String
    @Flag(help: "Listen on loopback only, without privileges, and write a desk to try.")
    var demo = false

    func run() async throws {
        try await finish { try Initializer(directory: directory, hostname: hostname, isDemo: demo).run() }
    }
}

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for problems in a configuration and in what it names, all together.")

    @OptionGroup var argument: ConfigurationArgument

    func run() async throws {
        try await finish { try CommandLineDesk(configuration: argument.configuration).check() }
    }
}

struct Desk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Apply or export the desk: addresses, pools, people, departments, rules, templates.",
        subcommands: [Apply.self, Export.self])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the desk say what a file says. What the file leaves out is deactivated, never deleted.")

        @OptionGroup var argument: ConfigurationArgument
        @Argument(help: ArgumentHelp("The desk; - for standard input.", valueName: "FILE"), completion: .file())
        var file: String = "-"

        func run() async throws {
            try await finish { try await CommandLineDesk(configuration: argument.configuration).apply(file: file) }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the desk as YAML, without secrets.")

        @OptionGroup var argument: ConfigurationArgument

        func run() async throws {
            try await finish { try await CommandLineDesk(configuration: argument.configuration).export() }
        }
    }
}

struct AgentPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Give an account a new password, read as one line from standard input.")

    @OptionGroup var argument: ConfigurationArgument
    @Argument(help: ArgumentHelp("The login of the account.", valueName: "LOGIN"))
    var login: String

    func run() async throws {
        try await finish { try await CommandLineDesk(configuration: argument.configuration).setPassword(of: login) }
    }
}

struct Rules: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Rules for incoming mail.", subcommands: [Test.self])

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show, rule after rule, what would be done with a mail. Nothing is filed.")

        @OptionGroup var argument: ConfigurationArgument
        @Argument(
            help: ArgumentHelp("The mail as it would arrive; - for standard input.", valueName: "FILE"),
            completion: .file())
        var file: String
        @Option(help: ArgumentHelp("The reverse-path; without it the author's address.", valueName: "ADDRESS"))
        var sender: String?
        @Option(
            help: ArgumentHelp("A recipient; may be repeated; without it those of To and Cc.", valueName: "ADDRESS"))
        var recipient: [String] = []
        @Flag(help: "The author is a customer already.")
        var knownCustomer = false

        func run() async throws {
            try await finish {
                try await RulesTest(configuration: argument.configuration).run(
                    file: file, sender: sender, recipients: recipient, isKnownCustomer: knownCustomer)
            }
        }
    }
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the appliance until SIGTERM; SIGHUP reads the certificates again.")

    @OptionGroup var argument: ConfigurationArgument

    func run() async throws {
        try await finish {
            try await Server(configuration: argument.configuration).run()
            return ""
        }
    }
}
