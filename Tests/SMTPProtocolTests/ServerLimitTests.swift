import MailTypes
import NIOCore
import SMTPProtocol
import Testing

private let hello = "EHLO client.example\r\n"
private let mail = "MAIL FROM:<a@a.example>\r\n"
private let rcpt = "RCPT TO:<help@acme.example>\r\n"

@Suite struct ServerLimitTests {
    @Test func `a line at the limit is read and a longer one is refused`() {
        let configuration = SMTPServerSession.Configuration.mx { $0.limits.lineLength = 16 }
        let atLimit = "NOOP 123456789\r\n", beyond = "NOOP 1234567890\r\n"
        #expect(atLimit.utf8.count == 16)
        #expect(replies(to: atLimit + "NOOP\r\n", configuration) == [["220", "250 2.0.0", "250 2.0.0"]])
        #expect(replies(to: beyond + "NOOP\r\n", configuration) == [["220", "500 5.5.2", "250 2.0.0"]])
        let endless = String(repeating: "x", count: 99) + "\r\nNOOP\r\n"
        #expect(replies(to: endless, configuration) == [["220", "500 5.5.2", "250 2.0.0"]])
    }

    @Test func `an endless line does not fill the memory`() {
        var session = SMTPServerSession(configuration: .mx())
        _ = session.connected()
        var input = ByteBuffer()
        for _ in 0..<100 {
            input.writeRepeatingByte(UInt8(ascii: "x"), count: 1000)
            #expect(session.receive(&input) == .needMoreInput)
            #expect(input.readableBytes <= 2048)
        }
    }

    @Test func `recipients beyond the limit get 452 and the mail goes to the others`() {
        let configuration = SMTPServerSession.Configuration.mx { $0.limits.recipients = 2 }
        let wire = hello + mail + rcpt + rcpt + rcpt + "DATA\r\n.\r\n"
        let expected = ["220", "250", "250 2.1.0", "250 2.1.5", "250 2.1.5", "452 4.5.3", "354", "250 2.0.0"]
        #expect(replies(to: wire, configuration) == [expected])
        var session = SMTPServerSession(configuration: configuration)
        var actions = [session.connected()]
        var input = ByteBuffer(string: hello + mail + rcpt + rcpt + rcpt)
        while let last = actions.last, last != .needMoreInput {
            switch last {
            case .verifyGreeting: actions.append(session.greetingVerified(.accepted))
            case .verifySender: actions.append(session.senderVerified(.accepted))
            case .verifyRecipient(.address(let address)): actions.append(session.recipientVerified(.accepted(address)))
            default: actions.append(session.receive(&input))
            }
        }
        let refused = actions.compactMap { if case .refuse(_, let envelope) = $0 { envelope } else { nil } }
        #expect(refused.map { $0.reversePath?.description } == ["a@a.example"])
        #expect(refused.first?.recipients.count == 1)
    }

    @Test func `a size beyond the limit is refused at MAIL if announced and after the content if not`() {
        let configuration = SMTPServerSession.Configuration.mx { $0.limits.messageSize = 10 }
        let announced = hello + "MAIL FROM:<a@a.example> SIZE=11\r\nMAIL FROM:<a@a.example> SIZE=10\r\n"
        #expect(replies(to: announced, configuration) == [["220", "250", "552 5.3.4", "250 2.1.0"]])
        let start = ["220", "250", "250 2.1.0", "250 2.1.5", "354"]
        #expect(
            replies(to: hello + mail + rcpt + "DATA\r\n12345678\r\n.\r\n", configuration) == [start + ["250 2.0.0"]])
        #expect(
            replies(to: hello + mail + rcpt + "DATA\r\n123456789\r\n.\r\nNOOP\r\n", configuration)
                == [start + ["552 5.3.4", "250 2.0.0"]])
    }

    @Test func `a mail loop is refused`() {
        let configuration = SMTPServerSession.Configuration.mx { $0.limits.receivedFields = 1 }
        let wire = hello + mail + rcpt + "DATA\r\nReceived: a\r\nReceived: b\r\n\r\n.\r\nNOOP\r\n"
        #expect(
            replies(to: wire, configuration)
                == [["220", "250", "250 2.1.0", "250 2.1.5", "354", "554 5.4.6", "250 2.0.0"]])
    }

    @Test func `errors beyond the limit end the session`() {
        let configuration = SMTPServerSession.Configuration.mx { $0.limits.errors = 2 }
        #expect(
            replies(to: "FOO\r\nFOO\r\nNOOP\r\nFOO\r\nNOOP\r\n", configuration)
                == [["220", "500 5.5.1", "500 5.5.1", "250 2.0.0", "421 4.7.0", "<closed>"]])
        let unknown = "RCPT TO:<unknown@acme.example>\r\n"
        #expect(
            replies(to: hello + mail + unknown + unknown + unknown, configuration)
                == [["220", "250", "250 2.1.0", "550 5.1.1", "550 5.1.1", "421 4.7.0", "<closed>"]])
    }

    @Test func `commands without mail beyond the limit end the session, and a mail renews them`() {
        let configuration = SMTPServerSession.Configuration.mx { $0.limits.commandsWithoutMail = 3 }
        #expect(
            replies(to: "NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n", configuration)
                == [["220", "250 2.0.0", "250 2.0.0", "250 2.0.0", "421 4.7.0", "<closed>"]])
        let wire = hello + mail + rcpt + rcpt + "DATA\r\n.\r\nNOOP\r\nNOOP\r\nNOOP\r\nQUIT\r\n"
        let done = ["220", "250", "250 2.1.0", "250 2.1.5", "250 2.1.5", "354", "250 2.0.0"]
        #expect(
            replies(to: wire, configuration)
                == [done + ["250 2.0.0", "250 2.0.0", "250 2.0.0", "221 2.0.0", "<closed>"]])
        let chunks = hello + mail + rcpt + "BDAT 0\r\nBDAT 0\r\n"
        #expect(
            replies(to: chunks, configuration)
                == [["220", "250", "250 2.1.0", "250 2.1.5", "250 2.0.0", "421 4.7.0", "<closed>"]])
    }

    @Test func `transactions beyond the limit are sent to another connection`() {
        let configuration = SMTPServerSession.Configuration.mx { $0.limits.transactions = 1 }
        #expect(
            replies(to: hello + mail + rcpt + "DATA\r\n.\r\n" + mail, configuration)
                == [["220", "250", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "421 4.3.2", "<closed>"]])
    }

    @Test func `failed logins beyond the limit end the session`() {
        let configuration = SMTPServerSession.Configuration.submission { $0.limits.authenticationFailures = 1 }
        let wrong = "AUTH PLAIN AGEAd3Jvbmc=\r\n"
        #expect(
            replies(to: hello + wrong + wrong, configuration, isSecured: true)
                == [["220", "250", "535 5.7.8", "421 4.7.0", "<closed>"]])
    }
}

@Suite struct ServerEndTests {
    @Test func `a timeout is told and ends the session`() {
        var driver = ServerDriver(.mx())
        driver.feed(hello + mail)
        driver.perform(driver.session.timedOut())
        #expect(driver.replies.suffix(2) == ["421 4.4.2", "<closed>"])
        #expect(driver.session.timedOut() == .close(nil))
        #expect(driver.session.expectation == .nothing)
    }

    @Test func `a shutdown ends a session at once, content or not`() {
        for wire in ["", hello, hello + mail, hello + mail + rcpt + "DATA\r\nhalf a mail"] {
            var driver = ServerDriver(.mx())
            driver.feed(wire)
            driver.perform(driver.session.shutdown())
            #expect(driver.replies.suffix(2) == ["421 4.3.2", "<closed>"])
            #expect(driver.filed.isEmpty)
        }
    }

    @Test func `a shutdown waits for the reply to a whole mail`() {
        var session = SMTPServerSession(configuration: .mx())
        _ = session.connected()
        var input = ByteBuffer(string: hello + mail + rcpt + "DATA\r\n.\r\nNOOP\r\n")
        var action = session.receive(&input)
        while true {
            if case .verifyGreeting = action {
                action = session.greetingVerified(.accepted)
            } else if case .verifyContent = action {
                action = session.contentVerified(.accepted) ?? session.receive(&input)
            } else if case .verifySender = action {
                action = session.senderVerified(.accepted)
            } else if case .verifyRecipient(.address(let address)) = action {
                action = session.recipientVerified(.accepted(address))
            } else if case .contentEnded = action {
                break
            } else {
                action = session.receive(&input)
            }
        }
        #expect(session.expectation == .answer)
        #expect(session.shutdown() == .needMoreInput)
        #expect(session.receive(&input) == .needMoreInput)
        #expect(session.contentSettled(.contentAccepted) == .reply(.contentAccepted))
        guard case .close(let reply?) = session.receive(&input) else {
            Issue.record("not closed")
            return
        }
        #expect(reply.code == 421 && reply.status == EnhancedStatus(4, 3, 2))
    }

    @Test func `the session tells what it waits for`() {
        var driver = ServerDriver(.mx())
        #expect(driver.session.expectation == .command && !driver.session.isInTransaction)
        driver.feed(hello + mail + rcpt)
        #expect(driver.session.expectation == .command && driver.session.isInTransaction)
        driver.feed("DATA\r\nx")
        #expect(driver.session.expectation == .content && driver.session.isInTransaction)
        driver.feed("\r\n.\r\n")
        #expect(driver.session.expectation == .command && !driver.session.isInTransaction)
    }

    @Test func `an answer that comes after the end is ignored`() {
        var session = SMTPServerSession(configuration: .mx())
        _ = session.connected()
        var input = ByteBuffer(string: hello + mail)
        _ = session.receive(&input)
        _ = session.receive(&input)
        _ = session.timedOut()
        #expect(session.senderVerified(.accepted) == .close(nil))
    }
}
