import Appliance
import ArgumentParser

/// The command line of the appliance.
@main struct Stempel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stempel",
        abstract: "A mail appliance for customer service.",
        discussion: """
            Mail to the supervised addresses becomes cases; agents work them from any mail client: folders are statuses, \
            moving is deciding, sending is answering.

            Exit status: 0 done, 64 wrong usage, 65 wrong data, 66 nothing to read, 67 no such account, part, case or customer, 73 cannot \
            create, 74 input/output, 75 try later (a server is running already), 78 wrong configuration.
            """,
        subcommands: [
            Init.self, Check.self, Desk.self, PartCommand<PoolKind>.self, PartCommand<AgentKind>.self,
            PartCommand<GroupKind>.self, PartCommand<DepartmentKind>.self, PartCommand<TemplateKind>.self,
            PartCommand<RuleKind>.self, PartCommand<FolderKind>.self, PartCommand<CalendarKind>.self,
            PartCommand<DictionaryKind>.self, Rules.self,
            CaseCommand.self, CustomerCommand.self, Why.self, Report.self, Board.self, Queue.self, DKIM.self, DNS.self,
            Serve.self,
        ])
}

/// The configuration that every command but `init` begins with.
struct ConfigurationArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The file stempel.yaml of the installation.", valueName: "CONFIG"), completion: .file())
    var configuration: String
}
