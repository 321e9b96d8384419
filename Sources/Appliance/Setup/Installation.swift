import Desk
import Foundation
import Gateway
import MailTypes
package import OpenSSL
package import Settings

/// A configuration file that was read and checked: what every command begins with.
package struct Installation: Sendable {
    package let file: String
    package let settings: MachineSettings
    package let data: DataDirectory

    /// Reads the file; all problems of the file itself together.
    package init(configuration file: String) throws {
        let (settings, problems) = MachineFile.read(path: file)
        guard let settings, problems.isEmpty else { throw Self.failure(problems) }
        guard case .directory(let directory) = settings.data else {
            throw Self.failure([
                settings.problem(
                    "database", file: file, reason: "this version keeps its data in a directory only",
                    remedy: "write `data: DIRECTORY` instead")
            ])
        }
        (self.file, self.settings, data) = (file, settings, DataDirectory(path: directory))
    }

    /// Reads the file and looks at the world that it names: certificates, password files, ports unless a server of ours
    /// holds them. Throws all problems together.
    package static func checked(configuration file: String, isStarting: Bool) throws -> Installation {
        let (settings, problems) = MachineFile.read(path: file)
        guard let settings else { throw failure(problems) }
        var all = problems
        if case .database = settings.data {
            all.append(
                settings.problem(
                    "database", file: file, reason: "this version keeps its data in a directory only",
                    remedy: "write `data: DIRECTORY` instead"))
        }
        all += WorldCheck(file: file, settings: settings, isStarting: isStarting).problems()
        guard all.isEmpty else { throw failure(all) }
        return try Installation(configuration: file)
    }

    /// All problems in one message, in the order of the file.
    package static func failure(_ problems: [Problem]) -> CommandFailure {
        CommandFailure(
            .configuration,
            problems.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }.map(\.description)
                .joined(separator: "\n"))
    }

    /// The certificates of the configuration, as OpenSSL takes them.
    package var certificates: [OpenSSL.CertificateFiles] {
        settings.tls.certificates.map { OpenSSL.CertificateFiles(certificate: $0.certificate, key: $0.key) }
    }
}
