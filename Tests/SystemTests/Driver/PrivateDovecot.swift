import Foundation
import Glibc
import TestKit

/// Dovecot's IMAP session over a pipe, logged in from the start, with an empty mailbox of its own: the reference
/// that the appliance's answers are held against. No port is opened and no service is started.
final class PrivateDovecot {
    private static let program = "/usr/lib/dovecot/imap"
    /// Whether one can be started here.
    static let isAvailable = access(program, X_OK) == 0

    /// The dialogue with it.
    let dialogue: IMAPDialogue
    private let process: SpawnedProcess
    private let directory: TemporaryDirectory

    init() throws {
        directory = TemporaryDirectory()
        // Dovecot refuses to open mail as root.
        let owner = geteuid() == 0 ? 65534 : geteuid()
        for name in ["mail", "run", "state"] {
            mkdir(directory.file(name), 0o700)
            chown(directory.file(name), owner, gid_t(bitPattern: -1))
        }
        chmod(directory.path, 0o755)
        directory.write(
            """
            base_dir = \(directory.file("run"))
            state_dir = \(directory.file("state"))
            log_path = /dev/null
            protocols = imap
            ssl = no
            mail_location = sdbox:\(directory.file("mail"))
            mail_uid = \(owner)
            mail_gid = \(geteuid() == 0 ? 65534 : getegid())
            first_valid_uid = 0

            """, to: "dovecot.conf")
        let (input, output) = (try ProcessPipe(), try ProcessPipe())
        defer {
            close(input.reading)
            close(output.writing)
        }
        // Writing to a Dovecot that ended must fail the test, not end it.
        signal(SIGPIPE, SIG_IGN)
        process = try SpawnedProcess(
            [Self.program, "-c", directory.file("dovecot.conf")],
            environment: ["USER": "reference", "HOME": directory.file("mail")], input: input.reading,
            output: output.writing)
        let wire = WireClient(reading: output.reading, writing: input.writing)
        dialogue = try IMAPDialogue(wire: wire)
    }

    deinit { process.signal(SIGKILL) }
}
