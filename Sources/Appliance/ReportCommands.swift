import Desk
import Glibc

/// The command that counts.
package struct ReportCommands: Sendable {
    private let desk: CommandLineDesk

    package init(configuration: String) { desk = CommandLineDesk(configuration: configuration) }

    /// Whether what is printed is seen on a terminal.
    package static var isOnTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// What a report can be divided by.
    package static let divisions = FigureDivision.allCases.map(\.rawValue)

    /// `stempel report`.
    package func report(from: String, to: String, by division: String?, isCSV: Bool, isJSON: Bool) async throws -> String {
        let request = ReportRequest(
            from: from, to: to, division: division.flatMap(FigureDivision.init(rawValue:)),
            form: isCSV ? .csv : isJSON ? .json : .text)
        return try await desk.perform(.report(request))
    }

    /// `stempel board`.
    package func board(isJSON: Bool) async throws -> String { try await desk.perform(.board(isJSON: isJSON)) }

    /// `stempel report --explain`.
    package func explain() -> String { FigureTable.explanation }
}
