/*
 * A ceremony as a transition system, for spin: gates, journal, effects, resume, and two hosts that hand one folder over; or,
 * with -D MOVES=N, one host for all of it, which another machine replaces up to N times. `scripts/model` checks it
 * exhaustively, and that it finds each of the faults below when they are built in.
 *
 * One key is generated and wrapped on the host that has the HSM, fetched for, imported and rotated on the one that has the
 * network. With -D REIMPORT the key is one that was there, which gets the usage that checks need, and material that KMS had
 * before is imported again; with -D REVOCATION material is deleted, and the HSM has no part in it; with -D ALIAS the alias of a
 * key that is there is moved to another, by the same steps as a deletion.
 *
 * Each host has its own copy of the folder; a bundle between them can be lost, corrupted, or come again. Each host can be
 * killed between any two lines and effects. A call can fail before its effect, or after it without an answer; KMS shows what
 * it did at once, or later (-D LAG), refuses to do it twice, and can refuse a call for another sake; a line of an effect can
 * find no room on the disk; a wrapping key can expire; somebody else can delete or import the material, or move the alias; the HSM
 * key can be the wrong one; people can refuse, put an exception on record, or abort. Each of it happens a few times at most, in every order.
 *
 * It asserts, of what happened in the world and of what people signed, rather than of what the journal says:
 *   - no effect without its gate, passed in the attempt that people signed, which nothing has voided since;
 *   - no effect twice: one key, one import, one rotation, and no wrap of what is wrapped on record;
 *   - no second deletion by the same signatures, no second move of the alias, and no second import of what KMS does not have;
 *   - the alias is not moved from where somebody else had it;
 *   - neither of them after a call of which nobody knows what came of it, before people have signed that they know;
 *   - nothing is imported that was gone from KMS since people signed that it was there;
 *   - nobody signs again for what KMS shows as done, nor for an HSM key that KMS refused;
 *   - an early end names the call of which nobody knows what came of it, whatever was refused since;
 *   - the HSM key has the usage that checks need no more when all is closed, or people were told;
 *   - no wrap for another wrapping key than the one that was signed;
 *   - never both hosts' turn;
 * and spin shows that no state is without a way on (no invalid end state), and that every run ends (ltl ends): the
 * ceremony is closed, aborted or not. A run that says what is not as it was signed has a way on: people have it so again.
 *
 * What it leaves out: signatures and quorums (one signature stands for a quorum), several keys, the proof, how a new key comes
 * to be, an alias that is made rather than moved, and who changes the folder against its rules; of those the tests tell. What somebody else does between the last
 * look and the call, nobody can know.
 *
 * Of a machine that was replaced it takes that it is out of use, and that its last line is in the folder: nothing else is
 * known to the next one. What comes of it otherwise are OLD_GOES_ON and OLD_COPY below.
 *
 * Each transition names what makes it, as FILE FUNCTION. With -D one of these is built in:
 *   NO_INTENT         an effect without its intent on disk
 *   UNWRITTEN         an effect whose intent finds no room on the disk
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
 *   FORGET_EARLIER    a refusal goes on record, and not that an earlier call may have had the effect
 * and with MOVES one of these:
 *   KEEP_GATES        another machine goes on under what was signed before
 *   FORGET_LEFT       what another machine left without a result is not looked for
 *   OLD_GOES_ON       the machine that was replaced goes on, with its own copy of the folder
 *   OLD_COPY          the folder that the other machine gets is older than the last line
 * and with REVOCATION, ALIAS or REIMPORT one of these:
 *   CALL_AGAIN        a call that does not show is made again, by the same signatures
 *   KEEP_SIGNED       a call is given up, and what was signed for it stands
 *   UNSEEN            a call is given up without a look
 *   WAIT_FOREVER      what does not show is waited for, and nothing else
 *   NOT_TOLD          what is signed again does not say why
 *   NO_LAST_LOOK      KMS is not looked at directly before the call
 *   SAY_NOTHING       an early end does not name the call
 *   WRAP_AGAIN        a call is given up, and the wrap that was made for it, too
 *   ASK_WRONG         an HSM key that KMS refused is tried again
 *   KEEP_FLAG         an early end leaves the HSM key its usage
 *   LEAVE_FLAG        settling leaves it
 *   KEEP_QUIET        an early end at the host that has no HSM tells nobody that the HSM key has its usage still
 *   AS_PLANNED        what an earlier call brought back counts as planned where it is signed again
 * What the code does not hold is asserted with -D one of these, and spin shows how it comes:
 *   CHANGED_SINCE     nothing is deleted that KMS showed as gone when the gate opened: signed is that it may have been
 *                     deleted before, and imported again
 */

/* How often each misfortune happens, at most. */
#ifndef KILLS
#define KILLS 2
#endif
#ifndef FULL
#ifdef REIMPORT
#define FULL 0 /* with all else that can happen there it would be too many states, but for one check */
#else
#define FULL 1 /* lines that find no room on the disk */
#endif
#endif
#ifndef FAILURES
#define FAILURES 1 /* calls that fail, or whose answer is lost */
#endif
#ifndef SPENT
#define SPENT 1    /* wrapping keys that expire, or imports that KMS refuses */
#endif
#ifndef REFUSALS
#define REFUSALS 1 /* people who refuse, or put an exception on record */
#endif
#ifndef ABORTS
#define ABORTS 1
#endif
#ifndef MEDIUM
#define MEDIUM 2 /* bundles that are lost, corrupted, or come again */
#endif
#ifndef OTHERS
#define OTHERS 2 /* deletions, imports and moves by somebody else */
#endif
#ifndef EARLY
#define EARLY 1 /* looks that end before KMS shows what it did */
#endif

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
#define REVOKE 9
#define SETTLE 10
#define VERIFY 11 /* a look at what came of it, no effect */
#define SEAL 12

#ifdef ALIAS
/* The call moves the alias, and has the same gate; REVOKE is that move, and `material` where the alias leads. */
#define REVOCATION
#endif
#if defined(REVOCATION) || defined(REIMPORT)
/* The one call that the quorum signs, and its gate. */
#define ONE_CALL
#ifdef REVOCATION
#define CALL REVOKE
#define GATE ACTIVATE
#else
#define CALL IMPORT
#define GATE RELEASE
#endif
/* The material in KMS: gone, there, or there as this ceremony brought it back. */
#define GONE 0
#define THERE 1
#define BROUGHT 2
/* Of an alias: GONE is the new key, THERE the one it was planned to be moved from, and ELSEWHERE any other. */
#define ELSEWHERE 3
#endif
#if defined(REVOCATION) && !defined(MOVES)
#define MOVES 0 /* the other host has no part in it */
#endif

/* A copy of the folder, as the transcript in it amounts to. */
typedef Folder {
    byte turns;      /* how often it was handed over and received; how long it is matters nowhere else */
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
    byte unknown;    /* the effect whose outcome nobody knows, and that was not intended since: what is signed then says so */
#ifdef ONE_CALL
    bit left;        /* whether the call was given up once, or left by another machine */
    bit unsettled;   /* whether the close says that nobody knows what came of it */
    byte over;       /* how the statement has the material in KMS */
    bit wrong;       /* whether KMS refused the HSM key as other material */
#endif
    bit aborted;
    bit closed
};

Folder copies[2];  /* each host's */
Folder carried[2]; /* the bundle on its way to each host */
Folder before[2];  /* the bundle that each host took in last, which can come again */
bit isCarried[2];
bit wasCarried[2];
bit isNew[2]; /* received, and not remembered yet */
byte seen[2]; /* how many turns each host remembers, outside the folder */

/* The world. */
#ifndef ONE_CALL
byte keys, imports, rotations;
#ifdef LAG
bit isImportShown, isRotationShown; /* whether KMS shows them already */
#else
#define isImportShown (imports > 0)
#define isRotationShown (rotations > 0)
#endif
#else
byte planned, material; /* the material in KMS, when the plan was frozen and now */
#ifdef LAG
byte shown; /* how KMS shows it */
byte early;
#define isEarly (shown != material)
#else
#define shown material
#define isEarly false
#endif
bit wasHad;     /* whether it came to what the ceremony is for, once */
bit isUsed;     /* whether a call had its effect by what was signed last */
bit isUntold;   /* whether one had that is not on record, and people have not signed since that they know */
bit flag;       /* whether the HSM key has the usage that checks need */
bit isLeftTold; /* whether people were told that it may have it still */
byte others;
#endif
bit settled;
byte wrappedPair; /* the wrapping key whose blob is on record */

/* What people signed: the attempt at each gate, 0 once something voided it; and the wrapping key of the release. */
byte signedAttempt[4];
byte signedPair;
#ifdef ONE_CALL
byte signedOver; /* how KMS showed the material when that gate opened */
#endif

byte kills, unwritten, failures, spent, refusals, aborts, medium, moves;
bit over;

#define f copies[me]
#define other (1 - me)
#define has(effect) ((f.done >> (effect)) & 1)
#define wasRefused(effect) ((f.refused >> (effect)) & 1)
#define isPassed(gate) ((f.passed >> (gate)) & 1)
#define isMine (f.turn == me && !f.away && !isNew[me])

/* Sources/Ceremony/Engine/Engine.swift perform */
#define ending (isPassed(CLOSE) -> SEAL : CLOSE)
#if defined(REVOCATION)
#define next (f.aborted -> ending : \
    (!isPassed(AUTHORIZE) -> AUTHORIZE : \
    (!isPassed(ACTIVATE) -> ACTIVATE : \
    (!has(REVOKE) -> REVOKE : \
    (!has(VERIFY) -> VERIFY : ending)))))
#else
#define next (f.aborted -> ending : \
    (!isPassed(AUTHORIZE) -> AUTHORIZE : \
    (!has(GENERATE) -> GENERATE : \
    ((!has(FETCH) || (f.spent && !has(IMPORT))) -> FETCH : \
    (!isPassed(RELEASE) -> RELEASE : \
    (!has(WRAP) -> WRAP : \
    (!has(IMPORT) -> IMPORT : afterImport)))))))
#ifdef REIMPORT
#define afterImport (!has(VERIFY) -> VERIFY : (!has(SETTLE) -> SETTLE : ending))
#else
#define afterImport (!isPassed(ACTIVATE) -> ACTIVATE : \
    (!has(ROTATE) -> ROTATE : \
    (!has(SETTLE) -> SETTLE : ending)))
#endif
#endif
#define isEffect(step) ((step) >= GENERATE && (step) <= SETTLE)
#ifdef ONE_CALL
#define isCall(step) ((step) == CALL)
#else
#define isCall(step) false
#endif
/* Sources/Ceremony/Engine/Step.swift side */
#define isOfHSM(step) ((step) == GENERATE || (step) == WRAP || (step) == SETTLE)
#define isOfEither(step) ((step) == AUTHORIZE || (step) == CLOSE || (step) == SEAL)
#ifdef MOVES
#define isHere(step) true
#define isHSMHere true
#else
#define isHSMHere (me == HSM)
#define isHere(step) (isOfEither(step) || (isOfHSM(step) -> me == HSM : me == NET))
#endif
/* What must not be had twice, and so is looked for. Sources/Evidence/Record/Record+Machines.swift LeftEffect */
#define isOnce(step) ((step) == GENERATE || (step) == IMPORT || (step) == ROTATE || (step) == SETTLE)

/* Of that, what KMS is asked for, and can refuse. Sources/Evidence/Record/Record+Machines.swift hasUnknownOutcome */
#define isAsked(step) ((step) == IMPORT || (step) == ROTATE || (step) == REVOKE)

#if defined(ALIAS)
/* Where it leads to the new key, what was signed has come about, whoever did it. Sources/Ceremony/Engine/Engine+Alias.swift setAlias */
#define mayBeHad true
/* Sources/Ceremony/Engine/Engine+Alias.swift aliasSet */
#define isAsSigned (shown == THERE)
/* Sources/Ceremony/Engine/Engine+Alias.swift lookUp */
#define isGivenUp (shown == THERE)
/* Sources/Ceremony/Engine/Engine+Subjects.swift activateSubject, Sources/Ceremony/Engine/Engine+Folding.swift isActivated */
#define mayState(gate) ((gate) != ACTIVATE || shown == THERE || (f.left && shown == GONE) || has(REVOKE))
#define isStated(gate) mayState(gate)
#define isBlocked (!isEarly && (next == VERIFY -> shown != GONE : \
    (next == REVOKE -> shown == ELSEWHERE : next == ACTIVATE && !mayState(ACTIVATE))))
#define demanded (next == VERIFY -> GONE : THERE)
#elif defined(REVOCATION)
/* Whether an earlier call may have had its effect, and so is looked for. Sources/Ceremony/Engine/Engine+Revoke.swift mayBeAsked */
#define mayBeHad f.left
/* Whether KMS shows the material as it was signed. Sources/Ceremony/Engine/Engine+Revoke.swift requireRevocable */
#define isAsSigned (shown == THERE)
/* What is looked up and does not show is given up. Sources/Ceremony/Engine/Engine+Revoke.swift lookUp */
#define isGivenUp true
/* Whether a gate's statement can be made, and holds. Sources/Ceremony/Engine/Engine+Revoke.swift revocationSubject */
#define mayState(gate) ((gate) != ACTIVATE || shown == THERE || f.left || has(REVOKE))
#define isStated(gate) mayState(gate)
/* Whether a run goes on only once people have the material otherwise, and how. */
#define isBlocked (shown != demanded && !isEarly && (next == VERIFY || (!f.left && f.intent == NOTHING && \
    (next == REVOKE || (next == ACTIVATE && !has(REVOKE))))))
#define demanded (next == VERIFY -> GONE : THERE)
#elif defined(REIMPORT)
/* The same. Sources/Ceremony/Engine/Engine+Reimport.swift importAgain */
#define mayBeHad (f.left || wasRefused(IMPORT))
/* What the ceremony itself brought back is said like anything else that is not as planned.
   Sources/Ceremony/Engine/Engine+Reimport.swift differencesOfMaterial */
#ifdef AS_PLANNED
#define asStated (shown == BROUGHT -> planned : shown)
#else
#define asStated shown
#endif
/* Sources/Ceremony/Engine/Engine+Reimport.swift requireAsReleased */
#define isAsSigned (f.over == asStated)
/* Sources/Ceremony/Engine/Engine+Reimport.swift lacks */
#define isGivenUp (shown == GONE)
/* Nobody is asked to sign for another key. Sources/Ceremony/Engine/Engine+KMS.swift fetchAll
   The early end comes to its close with the usage taken away, or told of. Sources/Ceremony/Engine/Engine+Room.swift closeAborted */
#ifdef KEEP_QUIET
#define isToldOfFlag (isLeftTold || !isHSMHere)
#else
#define isToldOfFlag isLeftTold
#endif
#ifndef KEEP_FLAG
#define mayState(gate) (((gate) != RELEASE || !isStopped) && \
    ((gate) != CLOSE || !f.aborted || !flag || isToldOfFlag))
#else
#define mayState(gate) ((gate) != RELEASE || !isStopped)
#endif
#define isStated(gate) ((gate) != RELEASE || f.over == asStated)
#define isBlocked (shown != demanded && !isEarly && !f.wrong && (next == VERIFY || \
    (next == IMPORT && shown != BROUGHT && !(f.intent == IMPORT && isGivenUp))))
#define demanded (next == VERIFY -> BROUGHT : f.over)
#else
#define mayState(gate) true
#define isStated(gate) true
#endif
#ifdef ONE_CALL
/* From the first look to the last. */
#define isLookedAt (!f.aborted && !has(VERIFY) && (GATE == ACTIVATE -> isPassed(AUTHORIZE) : has(FETCH)))
/* What was signed of the call is of no matter any more. */
inline forget_call() {
    f.left = 0; f.unknown = NOTHING; f.over = 0; f.wrong = 0;
    signedOver = 0; isUsed = 0; material = 0; planned = 0;
#ifdef LAG
    shown = 0
#endif
}
#endif
#ifdef REIMPORT
#define isStopped f.wrong
#else
#define isStopped false
#endif
#ifdef NO_LAST_LOOK
#undef isAsSigned
#define isAsSigned true
#endif
#ifdef ASK_WRONG
#undef isStopped
#define isStopped false
#endif
#ifdef WAIT_FOREVER
#define mayBeLookedUp isFound(CALL)
#elif defined(ALIAS)
#define mayBeLookedUp (isFound(CALL) || (!isWaiting && isGivenUp))
#else
#define mayBeLookedUp (isFound(CALL) || (!isWaiting && (isGivenUp || isAsSigned)))
#endif

inline copy(to, from) {
    to.turns = from.turns; to.turn = from.turn; to.away = from.away; to.intent = from.intent; to.open = from.open;
    to.quorum = from.quorum; to.passed = from.passed; to.done = from.done;
    to.refused = from.refused; to.unknown = from.unknown; to.pair = from.pair; to.spent = from.spent;
#ifdef ONE_CALL
    to.left = from.left; to.unsettled = from.unsettled; to.over = from.over;
    to.wrong = from.wrong;
#endif
    to.aborted = from.aborted; to.closed = from.closed;
    to.attempt[0] = from.attempt[0]; to.attempt[1] = from.attempt[1];
    to.attempt[2] = from.attempt[2]; to.attempt[3] = from.attempt[3]
}

/* A bundle that is there no more: states that differ in it are one. */
inline blank(it) {
    it.turns = 0; it.turn = 0; it.away = 0; it.intent = 0; it.open = 0; it.quorum = 0; it.passed = 0; it.done = 0;
    it.refused = 0; it.unknown = NOTHING; it.pair = 0; it.spent = 0;
#ifdef ONE_CALL
    it.left = 0; it.unsettled = 0; it.over = 0; it.wrong = 0;
#endif
    it.aborted = 0; it.closed = 0;
    it.attempt[0] = 0; it.attempt[1] = 0; it.attempt[2] = 0; it.attempt[3] = 0
}

/* Of what was signed and done before the early end nothing matters any more: states that differ in it are one. */
inline end_early() {
    f.intent = NOTHING; f.done = 0; f.passed = 0; f.refused = 0; f.unknown = NOTHING; f.pair = 0; f.spent = 0;
    f.attempt[AUTHORIZE] = 0; f.attempt[RELEASE] = 0; f.attempt[ACTIVATE] = 0;
    signedAttempt[AUTHORIZE] = 0; signedAttempt[RELEASE] = 0; signedAttempt[ACTIVATE] = 0;
    signedPair = 0; wrappedPair = 0;
#ifdef ONE_CALL
    forget_call()
#endif
}

/* A run ends, and with it what it had in memory. */
inline forget() {
    doing = NOTHING;
    isAfterUnknown = 0;
#ifdef REIMPORT
    again = 0;
#endif
    had = 0
}

/* A line goes on record. */
inline line() {
    skip
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
#ifdef REVOCATION
    /* Sources/Ceremony/Engine/Engine+Revoke.swift askToDelete */
    :: doing == REVOKE ->
        require_gate(ACTIVATE);
#ifndef ALIAS
        assert(material == THERE && !isUsed && !isUntold);
#else
        /* Sources/Ceremony/Engine/Engine+Alias.swift move. Where KMS shows late that it leads there, nothing is moved. */
        assert(material != ELSEWHERE && !isUsed && !isUntold);
#endif
#ifdef CHANGED_SINCE
        assert(signedOver == THERE);
#endif
        isUsed = 1; isUntold = 1; wasHad = 1;
        material = GONE
#else
#ifdef REIMPORT
    /* Sources/Ceremony/Engine/Engine+Reimport.swift takeUp */
    :: doing == GENERATE -> require_gate(AUTHORIZE); flag = 1
#else
    /* Sources/Ceremony/Engine/Engine+HSM.swift generate */
    :: doing == GENERATE -> require_gate(AUTHORIZE); assert(keys == 0); keys++
#endif
    /* Sources/Ceremony/Engine/Engine+KMS.swift fetch */
    :: doing == FETCH
    /* Sources/Ceremony/Engine/Engine+HSM.swift wrapAll */
    :: doing == WRAP -> require_gate(RELEASE); assert(f.pair == signedPair && wrappedPair != f.pair)
#ifdef REIMPORT
    /* Sources/Ceremony/Engine/Engine+Reimport.swift importAgain */
    :: doing == IMPORT ->
        require_gate(RELEASE);
        assert(wrappedPair == signedPair);
        /* What is there already, with another expiry, may be asked for again: no deletion is undone by that. */
        assert(shown != GONE || (!isUsed && !isUntold));
        assert(shown != GONE || signedOver == GONE);
        assert(!f.wrong);
        isUsed = 1; isUntold = 1; wasHad = 1;
        material = BROUGHT
    /* Sources/Ceremony/Engine/Engine+Settle.swift settleAll */
    :: doing == SETTLE ->
        require_gate(RELEASE);
#ifndef LEAVE_FLAG
        flag = 0;
#endif
        settled = 1
#else
    /* Sources/Ceremony/Engine/Engine+Import.swift importNew */
    :: doing == IMPORT -> require_gate(RELEASE); assert(wrappedPair == signedPair && imports == 0); imports++
    /* Sources/Ceremony/Engine/Engine+KMS.swift rotate */
    :: doing == ROTATE -> require_gate(ACTIVATE); assert(rotations == 0); rotations++
    /* Sources/Ceremony/Engine/Engine+Settle.swift settleAll */
    :: doing == SETTLE -> require_gate(ACTIVATE); settled = 1
#endif
#endif
    fi
}

/* Whether a look finds that an effect was had. Only what must not be had twice needs one. */
#if defined(REVOCATION)
/* Sources/Ceremony/Engine/Engine+Revoke.swift isGone */
#define isFound(effect) ((effect) == REVOKE && shown == GONE)
#elif defined(REIMPORT)
/* Sources/Ceremony/Engine/Engine+Reimport.swift importedAgain, Sources/Ceremony/Engine/Engine+Settle.swift findSettled */
#define isFound(effect) (((effect) == IMPORT && shown == BROUGHT) || ((effect) == SETTLE && !flag))
#else
#define isFound(effect) (((effect) == GENERATE && keys > 0) || ((effect) == IMPORT && isImportShown) \
    || ((effect) == ROTATE && isRotationShown) || ((effect) == SETTLE && settled))
#endif
/* Whether KMS does not do it because it did it already. Where it shows at once what it did, nobody may come to ask that. */
#if !defined(LAG) || defined(REIMPORT) || defined(ALIAS)
#define isDone(effect) false
#elif defined(REVOCATION)
#define isDone(effect) ((effect) == REVOKE && material == GONE)
#else
#define isDone(effect) (((effect) == IMPORT && imports > 0) || ((effect) == ROTATE && rotations > 0))
#endif

#ifdef ONE_CALL
/* A statement says what KMS shows, and of which call nobody knows whether it was made.
   Sources/Ceremony/Engine/Engine+Subjects.swift releaseSubject, Sources/Evidence/Record/Record+Revocation.swift revocations */
inline state_call(gate) {
    if
    :: gate == GATE ->
#ifdef REIMPORT
        f.over = asStated;
#endif
        signedOver = shown
    :: else
    fi
}

/* People sign it: good for one call, and they know of the one before. */
inline sign_call(gate) {
    if
    :: gate == GATE ->
        isUsed = 0;
#ifndef NOT_TOLD
        if :: f.unknown == CALL -> isUntold = 0 :: else fi
#endif
    :: else
    fi
}

/* A call has no known outcome, and its intent is closed. Sources/Evidence/Record/Record+Revocation.swift abandon */
inline leave_call() {
    f.left = 1;
    f.unknown = CALL
}

/* What was signed is good for no other call. Sources/Evidence/Record/Record+Effects.swift admitResult */
inline abandon() {
    assert(!isFound(CALL));
    leave_call();
    f.intent = NOTHING;
#ifndef KEEP_SIGNED
    signedAttempt[GATE] = 0;
    f.passed = f.passed & ~(1 << GATE);
#endif
#ifdef WRAP_AGAIN
    f.done = f.done & ~(1 << WRAP);
#endif
    line()
}

/* A look may end before KMS shows what it did, a few times. Sources/Ceremony/Engine/Engine+Revoke.swift isGonePatiently,
   Sources/Ceremony/Engine/Engine+Reimport.swift isImportedPatiently */
#ifdef ALIAS
/* Before the call it is looked at once: what leads there already may be asked for again. */
#define isLateAwaited false
#else
#define isLateAwaited isWaiting
#endif
#ifdef LAG
#define isWaiting (isEarly && early >= EARLY)
inline look() {
    if :: isEarly -> early++ :: else fi
}
#else
#define isWaiting false
inline look() {
    skip
}
#endif

/* Somebody else changes the material in KMS, or where the alias leads. */
inline change(into) {
    material = into;
#ifdef LAG
    shown = into;
#endif
#ifdef REIMPORT
    /* It is theirs from then on, whoever deletes it. */
    if :: into == THERE -> isUntold = 0 :: else fi
#else
    if :: into == GONE -> wasHad = 1 :: else fi
#endif
}
#endif

/* What is about to be done goes on record. Sources/Evidence/Record/Record+Effects.swift admitIntent */
inline intend() {
    f.intent = doing;
    isAfterUnknown = (f.unknown == doing);
    if :: isAfterUnknown -> f.unknown = NOTHING :: else fi;
    line()
}

/* The result of an effect goes on record. Sources/Evidence/Record/Record+Effects.swift admitResult */
inline record_result() {
    f.done = f.done | (1 << doing);
    f.intent = NOTHING;
#ifdef REVOCATION
    isUntold = 0;
#else
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
#ifdef REIMPORT
    :: doing == IMPORT -> isUntold = 0
#endif
    :: else
    fi;
#endif
    forget();
    line()
}

/* A refusal goes on record, and closes the intent. Sources/Evidence/Record/Record+Effects.swift admit */
inline refuse(effect) {
    f.refused = f.refused | (1 << effect);
    f.intent = NOTHING;
#if defined(REIMPORT) && defined(LAG)
    if :: again -> look() :: else fi;
#endif
#ifndef FORGET_EARLIER
    /* It is of this call: what an earlier one did stays unknown. */
    if :: isAfterUnknown -> f.unknown = effect :: else fi;
#endif
    line()
}

/* `keyrite run` on one host, again and again. */
proctype Host(bit me) {
    /* What is in the memory of a run: the effect that it is about to have, and whether it had it. */
    byte doing = NOTHING;
    bit had;
    bit isAfterUnknown; /* whether nobody knows what an earlier call for it did */
#ifdef REIMPORT
    bit again; /* whether an earlier call is looked for again, once this one is refused */
#endif
#ifdef JOURNAL_REPEATED
    bit isStuck;
#else
#define isStuck false
#endif
#ifdef REIMPORT
/* Whether a look after a refusal shows what an earlier call did, or waits for it. */
#define isSeenLate (again && (isFound(CALL) || isWaiting))
#else
#define isSeenLate false
#endif

    do
    :: over -> break

    /* Killed. Sources/Ceremony/Engine/Engine.swift run */
    :: d_step { doing != NOTHING && !isStuck && kills < KILLS -> kills++; forget() }

    /* A gate opens. Sources/Ceremony/Engine/Engine+Gates.swift open */
    :: d_step { isMine && f.intent == NOTHING && next <= CLOSE && isHere(next) && f.open == 0 && mayState(next) ->
        f.open = next + 1; f.quorum = 0; f.attempt[f.open - 1]++;
#ifdef ONE_CALL
        state_call(f.open - 1);
#endif
        line() }
#ifdef REIMPORT

    /* KMS shows the material otherwise than what is to be signed: the next attempt.
       Sources/Ceremony/Engine/Engine+Gates.swift open */
    :: d_step { isMine && f.open == RELEASE + 1 && !isStated(RELEASE) ->
        f.quorum = 0; signedAttempt[RELEASE] = 0; f.attempt[RELEASE]++; state_call(RELEASE); line() }
#endif

    /* A quorum signs. Sources/Ceremony/Engine/Engine+Gates.swift takeApprovals */
    :: d_step { isMine && f.open != 0 && !f.quorum && isStated(f.open - 1) ->
        f.quorum = 1; signedAttempt[f.open - 1] = f.attempt[f.open - 1];
#ifdef ONE_CALL
        sign_call(f.open - 1);
#endif
#ifndef REVOCATION
        if :: f.open - 1 == RELEASE -> signedPair = f.pair :: else fi;
#endif
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
    :: d_step { isMine && f.open != 0 && f.quorum && isStated(f.open - 1) ->
        f.passed = f.passed | (1 << (f.open - 1)); void_open(); line() }

#ifndef REVOCATION
    /* The wrapping key will not live long enough. Sources/Ceremony/Engine/Engine+KMS.swift isWanting */
    :: d_step { (isMine && doing == NOTHING && has(FETCH) && !has(IMPORT) && !f.spent && !f.aborted &&
        f.intent != IMPORT && spent < SPENT) ->
        spent++; f.spent = 1; signedAttempt[RELEASE] = 0; void_open() }

    /* A wrap that cannot be used any more is given up. Sources/Ceremony/Engine/Engine+KMS.swift abandonSpentWrap */
    :: d_step { isMine && f.intent == WRAP && f.spent && !f.aborted && doing == NOTHING ->
        f.intent = NOTHING; line() }

    /* The intent goes on record before the effect. Sources/Ceremony/Engine/Engine.swift effect */
    :: d_step { (isMine && doing == NOTHING && f.intent == NOTHING && isEffect(next) && isHere(next) && f.open == 0 &&
        !isCall(next) && !isStopped) ->
        doing = next;
#ifndef NO_INTENT
        intend();
#endif
#if defined(REIMPORT) && !defined(MOVES)
        /* Nothing but the import is ever refused. */
#elif !defined(JOURNAL_REPEATED)
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
        !(f.intent == WRAP && f.spent) && !isCall(f.intent)) ->
#else
    /* The same, but KMS refuses it again and again. Sources/Ceremony/Engine/Engine.swift effect */
    :: d_step { (isMine && doing == NOTHING && f.intent != NOTHING && isHere(f.intent) && !f.aborted &&
        !(f.intent == WRAP && f.spent) && !(f.intent == IMPORT && f.spent)) ->
#endif
        if
#ifndef NO_LOOK
        :: isFound(f.intent) -> doing = f.intent; record_result()
#endif
        :: else -> doing = f.intent; isAfterUnknown = isAsked(doing)
        fi }
#endif

#ifdef ONE_CALL
#if defined(MOVES) || defined(LAG) || defined(ALIAS)
    /* What an earlier call did shows, though nothing is on record: one that another machine made, or that showed late.
       Sources/Ceremony/Engine/Engine+Revoke.swift revoke, Sources/Ceremony/Engine/Engine+Reimport.swift importAgain,
       Sources/Ceremony/Engine/Engine+Alias.swift setAlias */
    :: d_step { (isMine && doing == NOTHING && f.intent == NOTHING && next == CALL && isHere(next) && f.open == 0 &&
        mayBeHad && isFound(CALL)) ->
        doing = CALL; intend(); record_result() }
#endif

    /* The last look, and the intent goes on record before the call.
       Sources/Ceremony/Engine/Engine+Revoke.swift revoke, Sources/Ceremony/Engine/Engine+Reimport.swift importAgain,
       Sources/Ceremony/Engine/Engine+Alias.swift setAlias */
    :: d_step { (isMine && doing == NOTHING && f.intent == NOTHING && next == CALL && isHere(next) && f.open == 0 &&
        !(mayBeHad && (isFound(CALL) || isLateAwaited)) && isAsSigned && !isStopped) ->
#ifndef ALIAS
        if :: mayBeHad -> look() :: else fi;
#endif
#ifdef REIMPORT
        again = mayBeHad;
#endif
        doing = CALL;
#ifndef NO_INTENT
        intend()
#endif
        }

    /* An intent that an earlier run left open is looked up: done, or given up, and people sign again.
       Sources/Ceremony/Engine/Engine+Revoke.swift lookUp, Sources/Ceremony/Engine/Engine+Reimport.swift importAgain,
       Sources/Ceremony/Engine/Engine+Alias.swift lookUp */
    :: d_step { (isMine && doing == NOTHING && f.intent == CALL && isHere(CALL) && !f.aborted && mayBeLookedUp) ->
        if
#ifdef UNSEEN
        :: true -> abandon()
#else
        :: isFound(CALL) -> doing = CALL; record_result()
#endif
#ifndef CALL_AGAIN
        :: !isFound(CALL) && isGivenUp -> look(); abandon()
#endif
#if defined(REIMPORT) || defined(CALL_AGAIN)
        /* KMS has it with the old expiry, as it was signed. */
        :: else ->
            look();
#ifdef REIMPORT
            again = 1;
#endif
            doing = CALL; isAfterUnknown = 1
#endif
        fi }

    /* KMS is looked at until it shows what was signed. Sources/Ceremony/Engine/Engine+Revoke.swift verifyRevocation,
       Sources/Ceremony/Engine/Engine+Reimport.swift verifyReimport, Sources/Ceremony/Engine/Engine+Verify.swift verifyByUse */
    :: d_step { (isMine && doing == NOTHING && f.intent == NOTHING && f.open == 0 && next == VERIFY && isHere(VERIFY) &&
        isFound(CALL)) ->
        f.done = f.done | (1 << VERIFY); forget_call(); line() }
#endif

    /* The effect, and its answer. Sources/Ceremony/Engine/Engine.swift effect */
    :: d_step { doing != NOTHING && !had && !isDone(doing) && !isStuck -> have_effect(); had = 1 }

    /* The effect, and no answer. Sources/Ceremony/CeremonyError.swift AnswerLost */
    :: d_step { doing != NOTHING && !had && !isDone(doing) && !isStuck && failures < FAILURES ->
        failures++; have_effect(); forget() }

    /* A failure instead of the effect: the run ends. Sources/Ceremony/Engine/Engine.swift run */
    :: d_step { doing != NOTHING && !had && !isStuck && failures < FAILURES -> failures++; forget() }

    /* KMS refuses what it did already, by a call that brought no answer. Sources/Ceremony/ServiceRefused.swift leavesOpen */
#if defined(LAG) && !defined(REIMPORT) && !defined(ALIAS)
    :: d_step { doing != NOTHING && !had && isDone(doing) && !isStuck ->
#ifdef JOURNAL_REPEATED
        f.refused = f.refused | (1 << doing); f.intent = NOTHING; line();
#endif
        forget() }
#endif

    /* KMS refuses for another sake, such as a permission. Sources/Evidence/Record/Record+Effects.swift admit */
    :: d_step { (doing == IMPORT || doing == ROTATE || doing == REVOKE) && !had && !isStuck && spent < SPENT && !isSeenLate ->
        spent++; refuse(doing); forget() }
#if defined(REIMPORT) && defined(LAG)

    /* It does, and meanwhile it shows what an earlier call did. Sources/Ceremony/Engine/Engine+Reimport.swift importAgain */
    :: d_step { doing == IMPORT && !had && spent < SPENT && again && isFound(IMPORT) -> spent++; record_result() }
#endif

#ifdef REVOCATION
#if defined(ALIAS) && defined(LAG)
    /* It refuses, and meanwhile it shows what an earlier call did. Sources/Ceremony/Engine/Engine.swift effect */
    :: d_step { doing == REVOKE && !had && f.left && isFound(REVOKE) && spent < SPENT -> spent++; record_result() }

#endif
    /* It refuses for the pace, which says nothing of an earlier call. Sources/Ceremony/ServiceRefused.swift leavesOpen */
    :: d_step { doing == REVOKE && !had && f.left && spent < SPENT -> spent++; forget() }
#else
    /* KMS refuses what was wrapped. Sources/Evidence/Record/Record+Effects.swift admit */
    :: d_step { doing == IMPORT && !had && !isDone(IMPORT) && !isStuck && spent < SPENT && !isSeenLate ->
        spent++; f.spent = 1; signedAttempt[RELEASE] = 0;
#ifndef DROP_REFUSED
        refuse(IMPORT);
#endif
        forget() }
#endif

#ifdef REIMPORT
    /* KMS refuses the HSM key, which is another: it is not asked again.
       Sources/Ceremony/Engine/Engine+Reimport.swift requireNotRefused */
    :: d_step { doing == IMPORT && !had && spent < SPENT && aborts < ABORTS && !isSeenLate ->
        spent++; f.wrong = 1; refuse(IMPORT); forget() }

    /* The HSM key shows other check values than the plan has: it is left as it was.
       Sources/Ceremony/Engine/Engine+Reimport.swift requireCheckValues */
    :: d_step { doing == GENERATE && had && spent < SPENT -> spent++; flag = 0; forget() }
#endif

    /* The result goes on record. Sources/Ceremony/Engine/Engine.swift journal */
    :: d_step { had -> record_result() }

#if FULL > 0

    /* It finds no room on the disk: the run ends, and what was had is looked up once there is some.
       Sources/Ceremony/Engine/Engine.swift journal */
    :: d_step { had && unwritten < FULL -> unwritten++; forget() }
#endif
#ifdef UNWRITTEN
    :: d_step { (isMine && doing == NOTHING && f.intent == NOTHING && isEffect(next) && isHere(next) && f.open == 0 &&
        !isCall(next) && !isStopped && unwritten < FULL) ->
        unwritten++; doing = next }
#endif

    /* People abort. Sources/Ceremony/Engine/Engine+Room.swift attend */
    :: d_step { isMine && doing == NOTHING && !f.aborted && !isPassed(CLOSE) && aborts < ABORTS ->
        aborts++; f.aborted = 1; void_open();
#if defined(ONE_CALL) && defined(SAY_NOTHING)
#elif defined(ONE_CALL)
        /* Sources/Evidence/Record/Record+Machines.swift unknownEffect */
        f.unsettled = (f.intent == CALL || f.unknown == CALL);
#else
        assert(imports == 0 || has(IMPORT) || f.intent == IMPORT || f.unknown == IMPORT);
        assert(rotations == 0 || has(ROTATE) || f.intent == ROTATE || f.unknown == ROTATE);
#endif
        end_early(); line() }
#ifdef REIMPORT

    /* The early end takes the usage away from the HSM key again.
       Sources/Ceremony/Engine/Engine+BorrowedUsage.swift takeBackCheckUsage */
    :: d_step { isMine && doing == NOTHING && f.aborted && !f.closed && flag && isHSMHere -> flag = 0 }

    /* The connected host has no HSM: people are told. Sources/Ceremony/Engine/Engine+BorrowedUsage.swift takeBackCheckUsage */
#if !defined(KEEP_QUIET) && !defined(MOVES)
    :: d_step { (isMine && doing == NOTHING && f.aborted && !f.closed && flag && !isHSMHere && !isLeftTold) ->
        isLeftTold = 1 }
#endif

    /* It cannot: they are told. Sources/Ceremony/Engine/Engine+BorrowedUsage.swift takeBackCheckUsage */
    :: d_step { (isMine && doing == NOTHING && f.aborted && !f.closed && flag && isHSMHere && !isLeftTold &&
        failures < FAILURES) -> failures++; isLeftTold = 1 }
#endif

    /* The last line. Sources/Ceremony/Engine/Engine+Close.swift close */
    :: d_step { isMine && next == SEAL && f.intent == NOTHING && !f.closed ->
        require_gate(CLOSE);
#ifdef ONE_CALL
        assert(f.aborted || wasHad);
        assert(!isUntold || f.unsettled);
#else
        assert(f.aborted || (keys == 1 && imports == 1 && rotations == 1 && settled));
#endif
#ifdef REIMPORT
        assert(f.aborted || settled);
        assert(!flag || isLeftTold);
#endif
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
#ifdef ONE_CALL
        if :: f.intent == CALL -> leave_call() :: else fi;
#endif
#ifndef REVOCATION
        if
        :: isOnce(f.intent) ->
            f.refused = f.refused | (1 << f.intent);
            if :: isAsked(f.intent) -> f.unknown = f.intent :: else fi
        :: else
        fi;
#endif
#endif
        f.intent = NOTHING;
        if :: f.open != 0 -> signedAttempt[f.open - 1] = 0 :: else fi;
        void_open();
#if defined(REVOCATION)
        if :: !f.aborted && !has(VERIFY) -> take_back(ACTIVATE) :: else fi;
#else
        if :: !f.aborted && !has(GENERATE) -> take_back(AUTHORIZE) :: else fi;
        if :: !f.aborted && !has(IMPORT) -> take_back(RELEASE) :: else fi;
#ifndef REIMPORT
        if :: !f.aborted && !has(SETTLE) -> take_back(ACTIVATE) :: else fi;
#endif
#endif
        take_back(CLOSE);
        line() }
#ifdef OLD_COPY
    :: d_step { isMine && doing == NOTHING && !wasCarried[me] -> wasCarried[me] = 1; copy(before[me], f) }
#endif
#else
    /* The next step is the other host's: its hand-over goes on record. Sources/Ceremony/Engine/Engine+Gap.swift handOver */
    :: d_step { isMine && doing == NOTHING && f.intent == NOTHING && f.open == 0 && !isHere(next) ->
        f.turn = other; f.away = 1; f.turns++; line();
#ifdef GO_ON
        copy(carried[other], f); isCarried[other] = 1; f.turn = me; f.away = 0
#endif
        }

    /* What is handed over is signed and carried, again where it did not arrive.
       Sources/Ceremony/Engine/Engine+Gap.swift sendOff */
#ifndef ONE_BUNDLE
    :: d_step { f.turn == other && f.away && seen[other] < f.turns && !isCarried[other] ->
#else
    :: d_step { f.turn == other && f.away && seen[me] < f.turns && !isCarried[other] ->
#endif
        seen[me] = f.turns; copy(carried[other], f); isCarried[other] = 1 }

    /* On its way it is lost; or changed, and not taken in. Sources/Ceremony/Engine/Engine+Gap.swift differences */
    :: d_step { isCarried[me] && medium < MEDIUM -> medium++; isCarried[me] = 0; blank(carried[me]) }

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
        :: carried[me].turns > seen[me] ->
#endif
#if MEDIUM > 0
            copy(before[me], carried[me]); wasCarried[me] = 1;
#endif
            copy(f, carried[me]); f.away = 0; f.turns++; line(); isNew[me] = 1
        :: else
        fi;
        blank(carried[me]) }

    /* What was received is remembered before anything else is done. Sources/Ceremony/Engine/Engine+Gap.swift receive */
    :: d_step { isNew[me] -> isNew[me] = 0; seen[me] = f.turns }
#ifdef FORGET_RECEIPT
    :: d_step { isNew[me] && kills < KILLS -> kills++; isNew[me] = 0 }
#endif
#endif
#ifdef ONE_CALL

    /* Somebody else deletes the material, perhaps to stop the key; or it expires. Not between the last look and the call: that
       nobody could know. Sources/Ceremony/Engine/Engine+Revoke.swift isGone, Sources/Ceremony/Engine/Engine+Reimport.swift lacks */
    :: d_step { me == NET && doing == NOTHING && isLookedAt && material != GONE && others < OTHERS ->
        others++; change(GONE) }

    /* Somebody else imports it. Sources/Ceremony/Engine/Engine+Revoke.swift isGone,
       Sources/Ceremony/Engine/Engine+Reimport.swift importedAgain */
    :: d_step { me == NET && doing == NOTHING && isLookedAt && material != THERE && others < OTHERS ->
        others++; change(THERE) }

#ifdef ALIAS

    /* Somebody else moves the alias elsewhere. Sources/Ceremony/Engine/Engine+Alias.swift elsewhere,
       Sources/Ceremony/Engine/Engine+Subjects.swift moved */
    :: d_step { me == NET && doing == NOTHING && isLookedAt && material != ELSEWHERE && others < OTHERS ->
        others++; change(ELSEWHERE) }
#endif

    /* A run said what is not as it was signed, and people have it so again.
       Sources/Ceremony/Engine/Engine+Revoke.swift requireRevocable, Sources/Ceremony/Engine/Engine+Revoke.swift unstopped,
       Sources/Ceremony/Engine/Engine+Reimport.swift requireAsReleased,
       Sources/Ceremony/Engine/Engine+Reimport.swift unverified */
    :: d_step { me == NET && isMine && doing == NOTHING && !f.aborted && isPassed(AUTHORIZE) && isBlocked ->
        if
        :: demanded == GONE -> change(GONE)
        :: demanded == THERE -> change(THERE)
#ifdef REIMPORT
        :: demanded == BROUGHT -> change(BROUGHT)
#endif
        fi }
#endif
    od
}

#ifdef LAG
/* KMS shows what it did, sooner or later. */
active proctype Shown() {
    do
    :: over -> break
#ifdef ONE_CALL
    /* It is waited for. Sources/Ceremony/Engine/Engine+Revoke.swift isGonePatiently */
    :: d_step { isEarly -> shown = material }
#else
    /* It is waited for. Sources/Ceremony/Engine/Engine.swift found */
    :: d_step { imports > 0 && !isImportShown -> isImportShown = 1 }
    /* So is this. Sources/Ceremony/Engine/Engine.swift found */
    :: d_step { rotations > 0 && !isRotationShown -> isRotationShown = 1 }
#endif
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
#if defined(REVOCATION)
        material = THERE;
#elif defined(REIMPORT)
        /* It expired or was deleted, or is to have another expiry. Sources/Ceremony/Planning/Planner+Reimport.swift reimportable */
        if :: planned = GONE :: planned = THERE fi;
        material = planned;
#endif
#if defined(ONE_CALL) && defined(LAG)
        shown = material;
#endif
        copies[NET].turn = NET; copies[HSM].turn = NET;
#if !defined(MOVES) || defined(OLD_GOES_ON)
        run Host(HSM);
#endif
        run Host(NET)
    }
}

ltl ends { <> over }
