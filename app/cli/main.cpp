// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verbs.h"
#include "core/base/printable.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

#include <csignal>
#include <cstdio>
#include <vector>

namespace {

using namespace tidemark;
using namespace tidemark::cli;

std::vector<Verb> allVerbs()
{
    return {statusVerb(),  freshnessVerb(), partitionsVerb(), refreshesVerb(), locksVerb(),    jobsVerb(),
            watchVerb(),   toolkitVerb(),   planVerb(),       runVerb(),       runsVerb(),     showVerb(),
            pauseVerb(),   cancelVerb(),    proceedVerb(),    retuneVerb(),    resumeVerb(),   undoVerb(),
            refreshVerb(), adviceVerb(),    scheduleVerb(),   agentVerb(),     rehearseVerb(), reportVerb(),
            managedVerb(), demoVerb()};
}

QList<QCommandLineOption> commonOptions(const QString &json = {})
{
    return {
        {{QStringLiteral("d"), QStringLiteral("dbname")},
         QStringLiteral("Where to connect: a URI, keywords or a database name, as psql -d takes it."),
         QStringLiteral("URI")},
        {QStringLiteral("profile"), QStringLiteral("A stored profile; may be given several times."),
         QStringLiteral("NAME")},
        {QStringLiteral("json"), json.isEmpty() ? QStringLiteral("Print one JSON object instead of tables.") : json},
        {QStringLiteral("store"), QStringLiteral("The local history file; \"none\" keeps no history."),
         QStringLiteral("FILE")},
    };
}

constexpr int summaryColumn = 30;

/// A verb whose usage reaches into the column of the summaries has its summary on the next line.
void printVerb(QTextStream &out, const Verb &verb)
{
    const QString usage = QLatin1String("  ") + QString(verb.name + QLatin1Char(' ') + verb.usage).trimmed();
    if (usage.size() + 2 > summaryColumn)
        out << usage << '\n' << QString(summaryColumn, QLatin1Char(' ')) << verb.summary << '\n';
    else
        out << usage.leftJustified(summaryColumn) << verb.summary << '\n';
}

void printHelp(QTextStream &out)
{
    out << "Usage: tidemarkctl [-d URI | --profile NAME] [--json] VERB …\n\nVerbs:\n";
    for (const Verb &verb : allVerbs())
        printVerb(out, verb);
    out << "\nOptions of every verb:\n"
           "  -d, --dbname URI            a URI, keywords or a database name, as psql -d takes it\n"
           "  --profile NAME              a stored profile; may be given several times\n"
           "  --json                      one JSON object instead of tables; of watch one for each event, a line each\n"
           "  --store FILE                the local history file; \"none\" keeps no history\n"
           "\nWithout -d and --profile the connection is what libpq finds: PG* variables, the service file, .pgpass.\n"
           "Exit codes: 0 done, 1 failed, 2 usage, 3 something was found, 4 no connection, 5 stopped and resumable,\n"
           "6 refused by safety. 'tidemarkctl VERB --help' tells the options of a verb.\n";
    out.flush();
}

/// Where the history is kept; empty for nowhere. The folder of a file that somebody named is theirs to make: a slip of the
/// pen leaves no folders behind.
Result<QString> storePath(const QCommandLineParser &options)
{
    const bool isOption = options.isSet(QStringLiteral("store"));
    const QString named = isOption ? options.value(QStringLiteral("store")) : qEnvironmentVariable("TIDEMARK_STORE");
    if (isOption && named == QLatin1String("none"))
        return QString();
    if (isOption && named.isEmpty())
        return fail(Error::input(QStringLiteral("--store names no file")));
    if (named.isEmpty())
        return LocalStore::defaultPath();
    const QFileInfo file(named);
    if (file.isDir())
        return fail(Error::input(QStringLiteral("the local store %1 is a folder").arg(named),
                                 QStringLiteral("Name a file in it.")));
    if (!file.absoluteDir().exists()) {
        return fail(Error::input(
            QStringLiteral("the folder %1 of the local store does not exist").arg(file.absolutePath()),
            isOption ? QStringLiteral("Make it, or let --store name a file elsewhere; \"none\" keeps no history.")
                     : QStringLiteral("Make it, or let TIDEMARK_STORE name a file elsewhere.")));
    }
    return named;
}

std::shared_ptr<LocalStore> openStore(const QString &path, bool isAwaited, QTextStream &err)
{
    if (path.isEmpty())
        return nullptr;
    auto store = LocalStore::open(path);
    if (store)
        return *store;
    const Error &error = store.error();
    if (isAwaited)
        return LocalStore::awaiting(path, error);
    err << "tidemarkctl: going on without history: " << printable(error.summary(), Lines::Kept) << Qt::endl;
    if (!error.hint.isEmpty())
        err << "  " << printable(error.hint, Lines::Kept) << Qt::endl;
    return nullptr;
}

ExitCode runVerb(const Verb &verb, const QStringList &arguments, QTextStream &out, QTextStream &err)
{
    QCommandLineParser options;
    options.addOptions(commonOptions(verb.json));
    options.addOptions(verb.options);
    const QCommandLineOption help = options.addHelpOption();
    if (!options.parse(arguments)) {
        err << "tidemarkctl " << verb.name << ": " << printable(options.errorText()) << Qt::endl;
        return ExitCode::Usage;
    }
    if (options.isSet(help)) {
        QString text = options.helpText();
        text.replace(0, text.indexOf(QLatin1Char('\n')),
                     QStringLiteral("Usage: tidemarkctl %1 %2 [options]").arg(verb.name, verb.usage));
        out << verb.summary << "\n\n" << text;
        out.flush();
        return ExitCode::Done;
    }
    QStringList rest = options.positionalArguments();
    rest.removeOne(verb.name);
    if (rest.size() > verb.mostArguments) {
        err << "tidemarkctl " << verb.name << ": unexpected argument '" << printable(rest.at(verb.mostArguments))
            << "'\n  Usage: tidemarkctl " << verb.name << ' ' << verb.usage << Qt::endl;
        return ExitCode::Usage;
    }
    const auto path = storePath(options);
    if (!path) {
        err << "tidemarkctl: " << printable(path.error().summary()) << "\n  " << path.error().hint << Qt::endl;
        return ExitCode::Usage;
    }
    const SystemClock clock;
    const auto store = openStore(*path, verb.awaitsStore, err);
    return verb.run(Context{out, err, clock, store, store ? std::make_shared<HistoryStore>(store) : nullptr, options,
                            rest, options.isSet(QStringLiteral("json"))});
}

ExitCode runArguments(const QStringList &arguments, QTextStream &out, QTextStream &err)
{
    // The verb is the first word that is neither an option nor an option's value.
    QCommandLineParser finder;
    finder.addOptions(commonOptions());
    const QCommandLineOption help = finder.addHelpOption();
    const QCommandLineOption version = finder.addVersionOption();
    finder.setOptionsAfterPositionalArgumentsMode(QCommandLineParser::ParseAsPositionalArguments);
    if (!finder.parse(arguments)) {
        err << "tidemarkctl: " << printable(finder.errorText()) << Qt::endl;
        return ExitCode::Usage;
    }
    if (finder.isSet(version)) {
        out << "tidemarkctl " << QCoreApplication::applicationVersion() << Qt::endl;
        return ExitCode::Done;
    }
    const QString word = finder.positionalArguments().value(0);
    if (finder.isSet(help) || word == QLatin1String("help")) {
        printHelp(out);
        return ExitCode::Done;
    }
    for (const Verb &verb : allVerbs()) {
        if (verb.name == word)
            return runVerb(verb, arguments, out, err);
    }
    if (word.isEmpty())
        printHelp(err);
    else
        err << "tidemarkctl: there is no verb '" << printable(word) << "'\n  'tidemarkctl --help' lists them."
            << Qt::endl;
    return ExitCode::Usage;
}

/// What was printed may still be on its way. A result that did not arrive is no success, whatever the verb found.
ExitCode finished(ExitCode code, QTextStream &out, QTextStream &err)
{
    out.flush();
    if (out.status() == QTextStream::Ok && std::ferror(stdout) == 0)
        return code;
    err << "tidemarkctl: the output could not be written: " << out.device()->errorString() << Qt::endl;
    return code == ExitCode::Done ? ExitCode::Failed : code;
}

} // namespace

int main(int argc, char *argv[])
{
    // A file that has reached its limit of size is an error of the write, which says so, not the end without a word.
    std::signal(SIGXFSZ, SIG_IGN);
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("tidemarkctl"));
    QCoreApplication::setApplicationVersion(QStringLiteral(TIDEMARK_VERSION));
    QTextStream out(stdout);
    QTextStream err(stderr);
    return static_cast<int>(finished(runArguments(QCoreApplication::arguments(), out, err), out, err));
}
