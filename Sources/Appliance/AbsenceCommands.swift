/// `stempel agent away|back|absences`.
package struct AbsenceCommands: Sendable {
    private let desk: CommandLineDesk

    package init(configuration: String) { desk = CommandLineDesk(configuration: configuration) }

    /// Days as they are written: 2026-12-01.
    package func away(_ login: String, from: String, to: String, substitute: String?) async throws -> String {
        try await desk.perform(.absences(.away(login: login, from: from, to: to, substitute: substitute)))
    }

    package func back(_ login: String) async throws -> String { try await desk.perform(.absences(.back(login: login))) }

    package func list(isJSON: Bool) async throws -> String { try await desk.perform(.absences(.list(isJSON: isJSON))) }
}
