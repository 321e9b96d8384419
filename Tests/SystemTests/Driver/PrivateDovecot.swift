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
    private let process: Process
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
        let (input, output) = (Pipe(), Pipe())
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["-c", directory.file("dovecot.conf")]
        process.environment = ["USER": "reference", "HOME": directory.file("mail")]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        // Writing to a Dovecot that ended must fail the test, not end it.
        signal(SIGPIPE, SIG_IGN)
        try process.run()
        let wire = WireClient(
            reading: dup(output.fileHandleForReading.fileDescriptor), writing: dup(input.fileHandleForWriting.fileDescriptor))
        dialogue = try IMAPDialogue(wire: wire)
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
