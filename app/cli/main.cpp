// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verbs.h"

#include <QCoreApplication>

#include <cstdio>
#include <vector>

namespace {

using namespace tidemark;
using namespace tidemark::cli;

std::vector<Verb> allVerbs()
{
    return {statusVerb(),  freshnessVerb(), partitionsVerb(), refreshesVerb(), locksVerb(),  jobsVerb(),  watchVerb(),
            toolkitVerb(), planVerb(),      runVerb(),        runsVerb(),      showVerb(),   pauseVerb(), cancelVerb(),
            proceedVerb(), retuneVerb(),    resumeVerb(),     undoVerb(),      reportVerb(), demoVerb()};
}

QList<QCommandLineOption> commonOptions()
{
    return {
        {{QStringLiteral("d"), QStringLiteral("dbname")},
         QStringLiteral("Where to connect: a URI, keywords or a database name, as psql -d takes it."),
         QStringLiteral("URI")},
        {QStringLiteral("profile"), QStringLiteral("A stored profile; may be given several times."),
         QStringLiteral("NAME")},
        {QStringLiteral("json"), QStringLiteral("Print one JSON object instead of tables.")},
        {QStringLiteral("store"), QStringLiteral("The local history file; \"none\" keeps no history."),
         QStringLiteral("FILE")},
    };
}

void printHelp(QTextStream &out)
{
    out << "Usage: tidemarkctl [-d URI | --profile NAME] [--json] VERB …\n\nVerbs:\n";
    for (const Verb &verb : allVerbs())
        out << "  " << QString(verb.name + QLatin1Char(' ') + verb.usage).leftJustified(28) << verb.summary << '\n';
    out << "\nOptions of every verb:\n"
           "  -d, --dbname URI            a URI, keywords or a database name, as psql -d takes it\n"
           "  --profile NAME              a stored profile; may be given several times\n"
           "  --json                      one JSON object instead of tables\n"
           "  --store FILE                the local history file; \"none\" keeps no history\n"
           "\nWithout -d and --profile the connection is what libpq finds: PG* variables, the service file, .pgpass.\n"
           "Exit codes: 0 done, 1 failed, 2 usage, 3 something was found, 4 no connection, 5 stopped and resumable,\n"
           "6 refused by safety. 'tidemarkctl VERB --help' tells the options of a verb.\n";
    out.flush();
}

std::shared_ptr<LocalStore> openStore(const QCommandLineParser &options, QTextStream &err)
{
    const QString named = options.value(QStringLiteral("store"));
    if (named == QLatin1String("none"))
        return nullptr;
    auto store = LocalStore::open(named.isEmpty() ? LocalStore::defaultPath() : named);
    if (store)
        return *store;
    err << "tidemarkctl: going on without history: " << store.error().summary() << Qt::endl;
    return nullptr;
}

ExitCode runVerb(const Verb &verb, const QStringList &arguments, QTextStream &out, QTextStream &err)
{
    QCommandLineParser options;
    options.addOptions(commonOptions());
    options.addOptions(verb.options);
    const QCommandLineOption help = options.addHelpOption();
    if (!options.parse(arguments)) {
        err << "tidemarkctl " << verb.name << ": " << options.errorText() << Qt::endl;
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
    const SystemClock clock;
    const auto store = openStore(options, err);
    QStringList rest = options.positionalArguments();
    rest.removeOne(verb.name);
    return verb.run(Context{out, err, clock, store, store ? std::make_shared<HistoryStore>(store) : nullptr, options,
                            rest, options.isSet(QStringLiteral("json"))});
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("tidemarkctl"));
    QCoreApplication::setApplicationVersion(QStringLiteral(TIDEMARK_VERSION));
    QTextStream out(stdout);
    QTextStream err(stderr);

    // The verb is the first word that is neither an option nor an option's value.
    const QStringList arguments = QCoreApplication::arguments();
    QCommandLineParser finder;
    finder.addOptions(commonOptions());
    const QCommandLineOption help = finder.addHelpOption();
    const QCommandLineOption version = finder.addVersionOption();
    finder.setOptionsAfterPositionalArgumentsMode(QCommandLineParser::ParseAsPositionalArguments);
    if (!finder.parse(arguments)) {
        err << "tidemarkctl: " << finder.errorText() << Qt::endl;
        return static_cast<int>(ExitCode::Usage);
    }
    if (finder.isSet(version)) {
        out << "tidemarkctl " << QCoreApplication::applicationVersion() << Qt::endl;
        return static_cast<int>(ExitCode::Done);
    }
    const QString word = finder.positionalArguments().value(0);
    if (finder.isSet(help) || word == QLatin1String("help")) {
        printHelp(out);
        return static_cast<int>(ExitCode::Done);
    }
    for (const Verb &verb : allVerbs()) {
        if (verb.name == word)
            return static_cast<int>(runVerb(verb, arguments, out, err));
    }
    if (!word.isEmpty())
        err << "tidemarkctl: there is no verb '" << word << "'\n\n";
    printHelp(err);
    return static_cast<int>(ExitCode::Usage);
}
