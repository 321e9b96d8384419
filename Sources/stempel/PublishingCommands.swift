import Appliance
import ArgumentParser

struct DKIM: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dkim", abstract: "Keys that outgoing mail is signed with, two at most for a domain.",
        subcommands: [Generate.self, Use.self, Remove.self])

    struct Generate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print the record to publish. The first key of a domain signs at once.")

        @OptionGroup var argument: ConfigurationArgument
        @Option(help: ArgumentHelp("A domain; may be repeated; without it all that have no key yet.", valueName: "D"))
        var domain: [String] = []
        @Option(help: ArgumentHelp("The name of the key; without it stempel1 or stempel2.", valueName: "S"))
        var selector: String?
        @Flag(help: "Ed25519 instead of RSA; not every receiver knows it yet.")
        var ed25519 = false

        func run() async throws {
            try await finish {
                try await CommandLinePublishing(configuration: argument.configuration)
                    .generate(domains: domain, selector: selector, isEd25519: ed25519)
            }
        }
    }

    struct Use: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let another key of a domain sign.")

        @OptionGroup var argument: ConfigurationArgument
        @Option(help: ArgumentHelp("The domain.", valueName: "D")) var domain: String
        @Option(help: ArgumentHelp("The key's name.", valueName: "S")) var selector: String

        func run() async throws {
            try await finish {
                try CommandLinePublishing(configuration: argument.configuration).use(domain: domain, selector: selector)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a key that does not sign any more.")

        @OptionGroup var argument: ConfigurationArgument
        @Option(help: ArgumentHelp("The domain.", valueName: "D")) var domain: String
        @Option(help: ArgumentHelp("The key's name.", valueName: "S")) var selector: String

        func run() async throws {
            try await finish {
                try CommandLinePublishing(configuration: argument.configuration).remove(
                    domain: domain, selector: selector)
            }
        }
    }
}

struct DNS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns", abstract: "Print all records to publish, or compare them with what is published.")

    @OptionGroup var argument: ConfigurationArgument
    @Flag(help: "Ask the domain name system; fails where something is missing or different.")
    var check = false

    func run() async throws {
        try await finish {
            let publishing = CommandLinePublishing(configuration: argument.configuration)
            return try await check ? publishing.check() : publishing.records()
        }
    }
}
