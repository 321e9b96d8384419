package import NIOCore

/// What the decoder read from the client.
///
/// `APPEND`: `.appendBegan`, then, once the session called `acceptAppend()`, `.appendOctets` any number of times. Then
/// either `.appendContinued` (MULTIAPPEND; decide again), `.appendEnded` (the command is whole: file it and answer) or
/// `.appendAborted` (file nothing; the answer is given).
package enum CommandEvent: Equatable, Sendable {
    indirect case command(tag: String, Command)
    /// A synchronising literal was let through: send `+ ` and a word, that the client sends it.
    case continuationRequested
    /// The decoder waits for `acceptAppend()` or `refuseAppend()`.
    indirect case appendBegan(tag: String, AppendCommand)
    /// Another message of the same command; the decoder waits again.
    indirect case appendContinued(AppendMessage)
    case appendOctets(ByteBuffer)
    case appendEnded
    /// What followed the message was no APPEND; the response is for the tag of the APPEND.
    indirect case appendAborted(StatusResponse)
    /// DONE; without IDLE it deserves a BAD.
    case idleDone
    /// A line of a SASL exchange (RFC 3501 §6.2.2), decoded. Without an exchange under way it deserves a BAD.
    indirect case authenticationResponse(Credential)
    /// `*`, or what is no base64: the client gave up, or must.
    case authenticationCancelled
    /// The command cannot be carried out and was skipped; answer with this, untagged if the tag could not be read.
    indirect case refused(tag: String?, StatusResponse)
    /// The peer went too far: say this as an untagged BYE and close. Nothing follows.
    indirect case failed(StatusResponse)
}
