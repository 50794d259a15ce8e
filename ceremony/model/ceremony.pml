/*
 * A ceremony as a transition system, for spin: gates, journal, effects, resume, and two hosts that hand one folder over; or,
 * with -D MOVES=N, one host for all of it, which another machine replaces up to N times. `scripts/model` checks it exhaustively, and that it finds each of the faults below when they are built in.
 *
 * One key is generated and wrapped on the host that has the HSM, fetched for, imported and rotated on the one that has the
 * network. Each host has its own copy of the folder; a bundle between them can be lost, corrupted, or come again. Each
 * host can be killed between any two lines and effects. A call can fail before its effect, or after it without an answer;
 * KMS shows what it did at once, or later (-D LAG), refuses to do it twice, and can refuse a call for another sake; a
 * wrapping key can expire; people can refuse, put an exception on record, or abort. Each of it happens a few times at most,
 * in every order.
 *
 * It asserts, of what happened in the world and of what people signed, rather than of what the journal says:
 *   - no effect without its gate, passed in the attempt that people signed, which nothing has voided since;
 *   - no effect twice: one key, one import, one rotation, and no wrap of what is wrapped on record;
 *   - no wrap for another wrapping key than the one that was signed;
 *   - never both hosts' turn;
 * and spin shows that no state is without a way on (no invalid end state), and that every run ends (ltl ends): the
 * ceremony is closed, aborted or not.
 *
 * What it leaves out: signatures and quorums (one signature stands for a quorum), several keys, the proof, and who changes
 * the folder against its rules; of those the verifiers' tests tell.
 *
 * Of a machine that was replaced it takes that it is out of use, and that its last line is in the folder: nothing else is
 * known to the next one. What comes of it otherwise are the last two faults below.
 *
 * Each transition names what makes it, as FILE FUNCTION. With -D one of these is built in:
 *   NO_INTENT         an effect without its intent on disk
 *   NO_LOOK           a resumed intent is carried out without a look
 *   KEEP_RELEASE      a release outlives its wrapping keys
 *   KEEP_SIGNATURES   an exception leaves what was signed at an open gate
 *   ANY_GATE          an effect waits for no gate
 *   ACCEPT_AGAIN      a bundle is taken in twice
 *   GO_ON             a host goes on after its hand-over
 *   ONE_BUNDLE        a lost bundle is not made again
 *   FORGET_RECEIPT    a host that is killed when it has received does not remember it afterwards
 *   DROP_REFUSED      an import that KMS refuses for good leaves its intent open, and nothing else
 *   JOURNAL_REPEATED  what KMS refuses because an earlier call did it goes on record as refused, and is not looked for
 * and with MOVES one of these:
 *   KEEP_GATES        another machine goes on under what was signed before
 *   FORGET_LEFT       what another machine left without a result is not looked for
 *   OLD_GOES_ON       the machine that was replaced goes on, with its own copy of the folder
 *   OLD_COPY          the folder that the other machine gets is older than the last line
 */

/* How often each misfortune happens, at most. */
#ifndef KILLS
#define KILLS 2
#endif
#define FAILURES 1 /* calls that fail, or whose answer is lost */
#define SPENT 1    /* wrapping keys that expire, or imports that KMS refuses */
#define REFUSALS 1 /* people who refuse, or put an exception on record */
#ifndef ABORTS
#define ABORTS 1
#endif
#define MEDIUM 2 /* bundles that are lost, corrupted, or come again */

/* Hosts. */
#define HSM 0
#define NET 1

/* Gates. */
#define AUTHORIZE 0
#define RELEASE 1
#define ACTIVATE 2
#define CLOSE 3

/* What is next: the gates, then the effects, then the last line. NOTHING is no intent. */
#define NOTHING 0
#define GENERATE 4
#define FETCH 5
#define WRAP 6
#define IMPORT 7
#define ROTATE 8
#define SETTLE 9
#define SEAL 10

/* A copy of the folder, as the transcript in it amounts to. */
typedef Folder {
    byte lines;      /* how long the transcript is */
    bit turn;        /* whose it is */
    bit away;        /* handed over, and not received yet */
    byte intent;     /* the open intent, or NOTHING */
    byte open;       /* 1 + the gate that is open, or 0 */
    bit quorum;      /* whether its quorum has signed */
    byte attempt[4]; /* the last attempt at each gate */
    byte passed;     /* a bit for each gate */
    short done;      /* a bit for each effect whose result is on record */
    short refused;   /* a bit for each effect that was tried: KMS refused it once, or another machine left it */
    byte pair;       /* the number of the wrapping key that was fetched last */
    bit spent;       /* whether that can be used no more */
    bit aborted;
    bit closed
};

Folder copies[2];  /* each host's */
Folder carried[2]; /* the bundle on its way to each host */
Folder before[2];  /* the bundle that each host took in last, which can come again */
bit isCarried[2];
bit wasCarried[2];
bit isNew[2]; /* received, and not remembered yet */
byte seen[2]; /* how long the transcript was that each host remembers, outside the folder */

/* The world. */
byte keys, imports, rotations;
#ifdef LAG
bit isImportShown, isRotationShown; /* whether KMS shows them already */
#else
#define isImportShown (imports > 0)
#define isRotationShown (rotations > 0)
#endif
bit settled;
byte wrappedPair; /* the wrapping key whose blob is on record */

/* What people signed: the attempt at each gate, 0 once something voided it; and the wrapping key of the release. */
byte signedAttempt[4];
byte signedPair;

byte kills, failures, spent, refusals, aborts, medium, moves;
bit over;

#define f copies[me]
#define other (1 - me)
#define has(effect) ((f.done >> (effect)) & 1)
#define wasRefused(effect) ((f.refused >> (effect)) & 1)
#define isPassed(gate) ((f.passed >> (gate)) & 1)
#define isMine (f.turn == me && !f.away && !isNew[me])

/* Sources/Ceremony/Engine/Engine.swift perform */
#define next (f.aborted -> (isPassed(CLOSE) -> SEAL : CLOSE) : \
    (!isPassed(AUTHORIZE) -> AUTHORIZE : \
    (!has(GENERATE) -> GENERATE : \
    ((!has(FETCH) || (f.spent && !has(IMPORT))) -> FETCH : \
    (!isPassed(RELEASE) -> RELEASE : \
    (!has(WRAP) -> WRAP : \
    (!has(IMPORT) -> IMPORT : \
    (!isPassed(ACTIVATE) -> ACTIVATE : \
    (!has(ROTATE) -> ROTATE : \
    (!has(SETTLE) -> SETTLE : \
    (!isPassed(CLOSE) -> CLOSE : SEAL)))))))))))
#define isEffect(step) ((step) >= GENERATE && (step) <= SETTLE)
/* Sources/Ceremony/Engine/Step.swift side */
#define isOfHSM(step) ((step) == GENERATE || (step) == WRAP || (step) == SETTLE)
#define isOfEither(step) ((step) == AUTHORIZE || (step) == CLOSE || (step) == SEAL)
#ifdef MOVES
#define isHere(step) true
#else
#define isHere(step) (isOfEither(step) || (isOfHSM(step) -> me == HSM : me == NET))
#endif
/* What must not be had twice, and so is looked for. Sources/Evidence/Record/Record+Machines.swift LeftEffect */
#define isOnce(step) ((step) == GENERATE || (step) == IMPORT || (step) == ROTATE || (step) == SETTLE)

inline copy(to, from) {
    to.lines = from.lines; to.turn = from.turn; to.away = from.away; to.intent = from.intent; to.open = from.open;
    to.quorum = from.quorum; to.passed = from.passed; to.done = from.done;
    to.refused = from.refused; to.pair = from.pair; to.spent = from.spent;
    to.aborted = from.aborted; to.closed = from.closed;
    to.attempt[0] = from.attempt[0]; to.attempt[1] = from.attempt[1];
    to.attempt[2] = from.attempt[2]; to.attempt[3] = from.attempt[3]
}

/* A run ends, and with it what it had in memory. */
inline forget() {
    doing = NOTHING;
    had = 0
}

inline line() {
    f.lines++
}

/* Whatever is signed at an open gate counts no more. Sources/Evidence/Gates/GateLedger.swift void */
inline void_open() {
    f.open = 0;
    f.quorum = 0
}

#ifdef MOVES
/* Under a gate that something is still to be done for, nothing counts any more.
   Sources/Evidence/Record/Record+Machines.swift isWanted */
inline take_back(gate) {
    signedAttempt[gate] = 0;
#ifndef KEEP_GATES
    f.passed = f.passed & ~(1 << gate)
#endif
}
#endif

inline require_gate(gate) {
    assert(isPassed(gate) && signedAttempt[gate] != 0 && signedAttempt[gate] == f.attempt[gate])
}

/* The effect itself, in the HSM or in KMS. */
inline have_effect() {
    if
    /* Sources/Ceremony/Engine/Engine+HSM.swift generate */
    :: doing == GENERATE -> require_gate(AUTHORIZE); assert(keys == 0); keys++
    /* Sources/Ceremony/Engine/Engine+KMS.swift fetch */
    :: doing == FETCH
    /* Sources/Ceremony/Engine/Engine+HSM.swift wrapAll */
    :: doing == WRAP -> require_gate(RELEASE); assert(f.pair == signedPair && wrappedPair != f.pair)
    /* Sources/Ceremony/Engine/Engine+Import.swift importNew */
    :: doing == IMPORT -> require_gate(RELEASE); assert(wrappedPair == signedPair && imports == 0); imports++
    /* Sources/Ceremony/Engine/Engine+KMS.swift rotate */
    :: doing == ROTATE -> require_gate(ACTIVATE); assert(rotations == 0); rotations++
    /* Sources/Ceremony/Engine/Engine+Settle.swift settleAll */
    :: doing == SETTLE -> require_gate(ACTIVATE); settled = 1
    fi
}

/* Whether a look finds that an effect was had. Only what must not be had twice needs one. */
#define isFound(effect) (((effect) == GENERATE && keys > 0) || ((effect) == IMPORT && isImportShown) \
    || ((effect) == ROTATE && isRotationShown) || ((effect) == SETTLE && settled))
/* Whether KMS does not do it because it did it already. Where it shows at once what it did, nobody may come to ask that. */
#ifdef LAG
#define isDone(effect) (((effect) == IMPORT && imports > 0) || ((effect) == ROTATE && rotations > 0))
#else
#define isDone(effect) false
#endif

/* The result of an effect goes on record. Sources/Evidence/Record/Record+Effects.swift admitResult */
inline record_result() {
    f.done = f.done | (1 << doing);
    f.intent = NOTHING;
    if
    :: doing == FETCH ->
        f.pair++;
        f.spent = 0;
        /* What people signed names the wrapping key before this one. */
        signedAttempt[RELEASE] = 0;
#ifndef KEEP_RELEASE
        /* Sources/Evidence/Gates/GateLedger.swift revoke */
        f.passed = f.passed & ~(1 << RELEASE);
#endif
        f.done = f.done & ~(1 << WRAP)
    :: doing == WRAP -> wrappedPair = f.pair
    :: else
    fi;
    forget();
    line()
}

/* `keyrite run` on one host, again and again. */
proctype Host(bit me) {
    /* What is in the memory of a run: the effect that it is about to have, and whether it had it. */
    byte doing = NOTHING;
    bit had;
#ifdef JOURNAL_REPEATED
    bit isStuck;
#else
#define isStuck false
#endif

    do
    :: over -> break

    /* Killed. Sources/Ceremony/Engine/Engine.swift run */
    :: d_step { doing != NOTHING && !isStuck && kills < KILLS -> kills++; forget() }

    /* A gate opens. Sources/Ceremony/Engine/Engine+Gates.swift open */
    :: d_step { isMine && f.intent == NOTHING && next <= CLOSE && isHere(next) && f.open == 0 ->
        f.open = next + 1; f.quorum = 0; f.attempt[f.open - 1]++; line() }

    /* A quorum signs. Sources/Ceremony/Engine/Engine+Gates.swift takeApproval */
    :: d_step { isMine && f.open != 0 && !f.quorum ->
        f.quorum = 1; signedAttempt[f.open - 1] = f.attempt[f.open - 1];
        if :: f.open - 1 == RELEASE -> signedPair = f.pair :: else fi;
        line() }

    /* Somebody refuses. Sources/Evidence/Gates/GateLedger.swift add */
    :: d_step { isMine && f.open != 0 && refusals < REFUSALS ->
        refusals++; signedAttempt[f.open - 1] = 0; void_open(); line() }

    /* An exception goes on record. Sources/Ceremony/Engine/Engine+Room.swift take */
    :: d_step { isMine && f.open != 0 && f.quorum && refusals < REFUSALS ->
        refusals++; signedAttempt[f.open - 1] = 0;
#ifndef KEEP_SIGNATURES
        void_open();
#endif
        line() }

    /* The gate is passed. Sources/Ceremony/Engine/Engine+Gates.swift pass */
    :: d_step { isMine && f.open != 0 && f.quorum ->
        f.passed = f.passed | (1 << (f.open - 1)); void_open(); line() }

    /* The wrapping key will not live long enough. Sources/Ceremony/Engine/Engine+KMS.swift isWanting */
    :: d_step { (isMine && doing == NOTHING && has(FETCH) && !has(IMPORT) && !f.spent && !f.aborted &&
        f.intent != IMPORT && spent < SPENT) ->
        spent++; f.spent = 1; signedAttempt[RELEASE] = 0; void_open() }

    /* A wrap that cannot be used any more is given up. Sources/Ceremony/Engine/Engine+KMS.swift abandonSpentWrap */
    :: d_step { isMine && f.intent == WRAP && f.spent && !f.aborted && doing == NOTHING ->
        f.intent = NOTHING; line() }

    /* The intent goes on record before the effect. Sources/Ceremony/Engine/Engine.swift effect */
    :: d_step { isMine && doing == NOTHING && f.intent == NOTHING && isEffect(next) && isHere(next) && f.open == 0 ->
        doing = next;
#ifndef NO_INTENT
        f.intent = doing; line();
#endif
#ifndef JOURNAL_REPEATED
        /* Sources/Evidence/Record/RefusedEffect.swift wasRefused */
        if :: wasRefused(doing) && isFound(doing) -> record_result() :: else fi
#else
        /* What is there already is taken for a stranger's. */
        if :: wasRefused(doing) && isFound(doing) -> isStuck = 1 :: else fi
#endif
        }
#ifdef ANY_GATE
    :: d_step { isMine && doing == NOTHING && f.intent == NOTHING && !has(GENERATE) && me == HSM && f.open == 0 ->
        f.intent = GENERATE; line(); doing = GENERATE }
#endif

    /* An intent that an earlier run left open is settled by looking. Sources/Ceremony/Engine/Engine.swift effect */
#ifndef DROP_REFUSED
    :: d_step { (isMine && doing == NOTHING && f.intent != NOTHING && isHere(f.intent) && !f.aborted &&
        !(f.intent == WRAP && f.spent)) ->
#else
    /* The same, but KMS refuses it again and again. Sources/Ceremony/Engine/Engine.swift effect */
    :: d_step { (isMine && doing == NOTHING && f.intent != NOTHING && isHere(f.intent) && !f.aborted &&
        !(f.intent == WRAP && f.spent) && !(f.intent == IMPORT && f.spent)) ->
#endif
        if
#ifndef NO_LOOK
        :: isFound(f.intent) -> doing = f.intent; record_result()
#endif
        :: else -> doing = f.intent
        fi }

    /* The effect, and its answer. Sources/Ceremony/Engine/Engine.swift effect */
    :: d_step { doing != NOTHING && !had && !isDone(doing) && !isStuck -> have_effect(); had = 1 }

    /* The effect, and no answer. Sources/Ceremony/CeremonyError.swift AnswerLost */
    :: d_step { doing != NOTHING && !had && !isDone(doing) && !isStuck && failures < FAILURES ->
        failures++; have_effect(); forget() }

    /* A failure instead of the effect: the run ends. Sources/Ceremony/Engine/Engine.swift run */
    :: d_step { doing != NOTHING && !had && !isStuck && failures < FAILURES -> failures++; forget() }

    /* KMS refuses what it did already, by a call that brought no answer. Sources/Ceremony/ServiceRefused.swift leavesOpen */
#ifdef LAG
    :: d_step { doing != NOTHING && !had && isDone(doing) && !isStuck ->
#ifdef JOURNAL_REPEATED
        f.refused = f.refused | (1 << doing); f.intent = NOTHING; line();
#endif
        forget() }
#endif

    /* KMS refuses for another sake, such as a permission. Sources/Evidence/Record/Record+Effects.swift admit */
    :: d_step { (doing == IMPORT || doing == ROTATE) && !had && !isStuck && spent < SPENT ->
        spent++; f.refused = f.refused | (1 << doing); f.intent = NOTHING; line(); forget() }

    /* KMS refuses what was wrapped. Sources/Evidence/Record/Record+Effects.swift admit */
    :: d_step { doing == IMPORT && !had && !isDone(IMPORT) && !isStuck && spent < SPENT ->
        spent++; f.spent = 1; forget(); signedAttempt[RELEASE] = 0;
#ifndef DROP_REFUSED
        f.refused = f.refused | (1 << IMPORT); f.intent = NOTHING; line()
#endif
        }

    /* The result goes on record. Sources/Ceremony/Engine/Engine.swift journal */
    :: d_step { had -> record_result() }

    /* People abort. Sources/Ceremony/Engine/Engine+Room.swift attend */
    :: d_step { isMine && doing == NOTHING && !f.aborted && !isPassed(CLOSE) && aborts < ABORTS ->
        aborts++; f.aborted = 1; void_open(); f.intent = NOTHING; line() }

    /* The last line. Sources/Ceremony/Engine/Engine+Close.swift close */
    :: d_step { isMine && next == SEAL && f.intent == NOTHING && !f.closed ->
        require_gate(CLOSE); assert(f.aborted || (keys == 1 && imports == 1 && rotations == 1 && settled));
        f.closed = 1; line(); over = 1 }

#ifdef MOVES
    /* Another machine goes on with the folder. Sources/Evidence/Record/Record+Machines.swift admit */
    :: d_step { isMine && doing == NOTHING && !f.closed && moves < MOVES ->
        moves++;
#ifdef OLD_COPY
        /* What it cannot know: the folder was copied before. */
        if :: wasCarried[me] -> copy(f, before[me]) :: else fi;
#endif
#ifdef OLD_GOES_ON
        copy(copies[other], f); copies[other].turn = other;
#endif
#ifndef FORGET_LEFT
        if :: isOnce(f.intent) -> f.refused = f.refused | (1 << f.intent) :: else fi;
#endif
        f.intent = NOTHING;
        if :: f.open != 0 -> signedAttempt[f.open - 1] = 0 :: else fi;
        void_open();
        if :: !f.aborted && !has(GENERATE) -> take_back(AUTHORIZE) :: else fi;
        if :: !f.aborted && !has(IMPORT) -> take_back(RELEASE) :: else fi;
        if :: !f.aborted && !has(SETTLE) -> take_back(ACTIVATE) :: else fi;
        take_back(CLOSE);
        line() }
#ifdef OLD_COPY
    :: d_step { isMine && doing == NOTHING && !wasCarried[me] -> wasCarried[me] = 1; copy(before[me], f) }
#endif
#else
    /* The next step is the other host's: its hand-over goes on record. Sources/Ceremony/Engine/Engine+Gap.swift handOver */
    :: d_step { isMine && doing == NOTHING && f.intent == NOTHING && f.open == 0 && !isHere(next) ->
        f.turn = other; f.away = 1; line();
#ifdef GO_ON
        copy(carried[other], f); isCarried[other] = 1; f.turn = me; f.away = 0
#endif
        }

    /* What is handed over is signed and carried, again where it did not arrive.
       Sources/Ceremony/Engine/Engine+Gap.swift sendOff */
#ifndef ONE_BUNDLE
    :: d_step { f.turn == other && f.away && seen[other] < f.lines && !isCarried[other] ->
#else
    :: d_step { f.turn == other && f.away && seen[me] < f.lines && !isCarried[other] ->
#endif
        seen[me] = f.lines; copy(carried[other], f); isCarried[other] = 1 }

    /* On its way it is lost; or changed, and not taken in. Sources/Ceremony/Engine/Engine+Gap.swift differences */
    :: d_step { isCarried[me] && medium < MEDIUM -> medium++; isCarried[me] = 0 }

    /* The bundle before it comes instead. Sources/Ceremony/Engine/CarriedFolderRules.swift check */
    :: d_step { wasCarried[me] && medium < MEDIUM -> medium++; copy(carried[me], before[me]); isCarried[me] = 1 }

    /* A bundle arrives, and is received; not one that goes back behind what this host remembers.
       Sources/Ceremony/Engine/Engine+Gap.swift takeTurn */
    :: d_step { isCarried[me] && doing == NOTHING && !isNew[me] ->
        isCarried[me] = 0;
        if
#ifdef ACCEPT_AGAIN
        :: true ->
#else
        :: carried[me].lines > seen[me] ->
#endif
            copy(before[me], carried[me]); wasCarried[me] = 1;
            copy(f, carried[me]); f.away = 0; line(); isNew[me] = 1
        :: else
        fi }

    /* What was received is remembered before anything else is done. Sources/Ceremony/Engine/Engine+Gap.swift receive */
    :: d_step { isNew[me] -> isNew[me] = 0; seen[me] = f.lines }
#ifdef FORGET_RECEIPT
    :: d_step { isNew[me] && kills < KILLS -> kills++; isNew[me] = 0 }
#endif
#endif
    od
}

#ifdef LAG
/* KMS shows what it did, sooner or later. */
active proctype Shown() {
    do
    :: over -> break
    /* It is waited for. Sources/Ceremony/Engine/Engine.swift found */
    :: d_step { imports > 0 && !isImportShown -> isImportShown = 1 }
    :: d_step { rotations > 0 && !isRotationShown -> isRotationShown = 1 }
    od
}
#endif

#ifndef MOVES
/* Never both hosts' turn. */
active proctype Turns() {
    do
    :: over -> break
    :: atomic { copies[HSM].turn == HSM && !copies[HSM].away && copies[NET].turn == NET && !copies[NET].away ->
        assert(false) }
    od
}
#endif

init {
    /* The plan is frozen on the host that has the network. Sources/Ceremony/Planning/Planner.swift freeze */
    atomic {
        copies[NET].turn = NET; copies[HSM].turn = NET;
#if !defined(MOVES) || defined(OLD_GOES_ON)
        run Host(HSM);
#endif
        run Host(NET)
    }
}

ltl ends { <> over }
