#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <unbound.h>

// libunbound wants a thread that waits for its descriptor; what that thread asks of the system stands here, so that
// Swift sees libunbound only.

// Starts a detached thread that takes no signals. 0, or the error number.
static inline int stempel_thread_start(void *(*_Nonnull body)(void *_Nullable), void *_Nullable argument) {
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    int code;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    code = pthread_create(&thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

// A descriptor that wakes whoever polls it; -1 if the system has none left.
static inline int stempel_wake_open(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static inline void stempel_wake_close(int wake) {
    close(wake);
}

static inline void stempel_wake(int wake) {
    uint64_t one = 1;
    ssize_t written = write(wake, &one, sizeof one);
    (void)written;
}

// Waits until the answers' descriptor is readable, the wake descriptor was woken (and takes that back), or the time is
// over; -1 waits for ever. Whether there are answers.
static inline int stempel_wait(int answers, int wake, int milliseconds) {
    struct pollfd descriptors[2] = {{answers, POLLIN, 0}, {wake, POLLIN, 0}};
    if (poll(descriptors, 2, milliseconds) <= 0) return 0;
    if (descriptors[1].revents != 0) {
        uint64_t count;
        ssize_t taken = read(wake, &count, sizeof count);
        (void)taken;
    }
    return descriptors[0].revents != 0;
}
