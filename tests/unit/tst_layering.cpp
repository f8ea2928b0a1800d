// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QLibraryInfo>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

namespace {

struct Layer
{
    QString folder;
    QStringList mayInclude; ///< folders of the project, beside its own
    bool qtCoreOnly = true;
};

// The order of ARCHITECTURE.md: app → ui → ui/models → core; in core stage, refresh, rollup, migrate → plan, capture,
// catalog → pg → base. A new folder must be given its place here. The most particular folder comes first.
QList<Layer> layers()
{
    const auto words = [](const char *list) {
        return QString::fromLatin1(list).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    };
    const QString reading = QStringLiteral("core/base core/pg core/catalog ");
    const QString changing = reading + QStringLiteral("core/ddl core/store core/plan core/capture ");
    const auto core = [&](const char *folder, const QString &mayInclude) {
        return Layer{QString::fromLatin1(folder), mayInclude.split(QLatin1Char(' '), Qt::SkipEmptyParts)};
    };
    return {
        core("core/base", {}),
        core("core/pg", QStringLiteral("core/base resources")),
        core("core/catalog", QStringLiteral("core/base core/pg")),
        core("core/ddl", reading + QStringLiteral("core/plan")),
        core("core/secrets", QStringLiteral("core/base core/pg")),
        core("core/store", reading),
        core("core/monitor", reading + QStringLiteral("core/plan core/store core/secrets resources")),
        core("core/demo", QStringLiteral("core/base core/pg core/store resources")),
        core("core/plan", reading + QStringLiteral("core/store resources")),
        core("core/capture", reading),
        core("core/stage", changing),
        core("core/backfill", changing),
        core("core/managed", changing),
        core("core/changes",
             changing + QStringLiteral("core/stage core/backfill core/managed core/refresh core/rollup core/migrate")),
        core("core/refresh", changing + QStringLiteral("core/managed")),
        core("core/schedule", changing + QStringLiteral("core/refresh")),
        core("core/rollup", changing),
        core("core/migrate", changing),
        core("resources", {}),
        Layer{QStringLiteral("ui/models"), words("core resources")},
        Layer{QStringLiteral("ui"), words("core resources"), false},
        Layer{QStringLiteral("app"), words("ui core resources"), false},
    };
}

const QDir source(QStringLiteral(TIDEMARK_SOURCE_DIR));

QStringList sourcesBelow(const QString &folder)
{
    QStringList files;
    QDirIterator iterator(source.filePath(folder), {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
                          QDirIterator::Subdirectories);
    while (iterator.hasNext())
        files << source.relativeFilePath(iterator.next());
    files.sort();
    return files;
}

struct Include
{
    QString name;
    bool ofProject = false; ///< in quotes
};

QList<Include> includesOf(const QString &file)
{
    QFile text(source.filePath(file));
    if (!text.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(file));
    static const QRegularExpression line(QStringLiteral("^\\s*#\\s*include\\s+([\"<])([^\">]+)[\">]"),
                                         QRegularExpression::MultilineOption);
    QList<Include> found;
    for (auto matches = line.globalMatch(QString::fromUtf8(text.readAll())); matches.hasNext();) {
        const auto match = matches.next();
        found << Include{match.captured(2), match.captured(1) == QLatin1String("\"")};
    }
    return found;
}

bool isBelow(const QString &path, const QString &folder)
{
    return path.startsWith(folder + QLatin1Char('/'));
}

const Layer *layerOf(const QList<Layer> &all, const QString &file)
{
    for (const Layer &layer : all) {
        if (isBelow(file, layer.folder))
            return &layer;
    }
    return nullptr;
}

/// What a binary asks the loader for by itself; what those libraries pull in is not its doing.
QStringList neededLibraries(const QString &binary)
{
    QProcess readelf;
    readelf.start(QStringLiteral("readelf"), {QStringLiteral("-dW"), binary});
    if (!readelf.waitForFinished() || readelf.exitCode() != 0)
        qFatal("readelf %s: %s", qPrintable(binary), readelf.readAllStandardError().constData());
    static const QRegularExpression needed(QStringLiteral("\\(NEEDED\\).*\\[([^\\]]+)\\]"));
    QStringList libraries;
    for (auto matches = needed.globalMatch(QString::fromUtf8(readelf.readAllStandardOutput())); matches.hasNext();)
        libraries << matches.next().captured(1);
    return libraries;
}

} // namespace

/// The order of the house, kept by a test: what files include and what binaries link.
class TstLayering : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everySourceHasALayer()
    {
        QStringList homeless;
        const auto all = layers();
        for (const char *top : {"core", "ui", "app", "resources"}) {
            for (const QString &file : sourcesBelow(QString::fromLatin1(top))) {
                if (layerOf(all, file) == nullptr)
                    homeless << file;
            }
        }
        QVERIFY2(homeless.isEmpty(), qPrintable(homeless.join(QLatin1Char('\n'))));
    }

    void nothingPointsBack()
    {
        QStringList wrong;
        for (const Layer &layer : layers()) {
            for (const QString &file : sourcesBelow(layer.folder)) {
                if (layerOf(layers(), file)->folder != layer.folder)
                    continue; // of a more particular layer
                for (const Include &include : includesOf(file)) {
                    if (!include.ofProject || !include.name.contains(QLatin1Char('/')))
                        continue;
                    bool allowed = isBelow(include.name, layer.folder);
                    for (const QString &folder : layer.mayInclude)
                        allowed = allowed || isBelow(include.name, folder);
                    if (!allowed)
                        wrong << file + QStringLiteral(" includes ") + include.name;
                }
            }
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void coreAndModelsIncludeQtCoreAlone()
    {
        const QDir qtCore(QLibraryInfo::path(QLibraryInfo::HeadersPath) + QStringLiteral("/QtCore"));
        QVERIFY(qtCore.exists(QStringLiteral("QString")));
        QStringList wrong;
        for (const Layer &layer : layers()) {
            if (!layer.qtCoreOnly)
                continue;
            for (const QString &file : sourcesBelow(layer.folder)) {
                for (const Include &include : includesOf(file)) {
                    if (include.ofProject || !include.name.startsWith(QLatin1Char('Q')))
                        continue;
                    QString header = include.name;
                    if (header.startsWith(QLatin1String("QtCore/")))
                        header.remove(0, 7);
                    if (!qtCore.exists(header))
                        wrong << file + QStringLiteral(" includes ") + include.name;
                }
            }
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void everyForeignLibraryHasOneOwner_data()
    {
        QTest::addColumn<QString>("header");
        QTest::addColumn<QString>("owner");
        QTest::newRow("libpq") << QStringLiteral("libpq-fe.h") << QStringLiteral("core/pg");
        QTest::newRow("SQLite") << QStringLiteral("SQLiteCpp/") << QStringLiteral("core/store");
        QTest::newRow("keychain") << QStringLiteral("qt6keychain/") << QStringLiteral("core/secrets");
        QTest::newRow("expected") << QStringLiteral("tl/expected.hpp") << QStringLiteral("core/base");
    }

    void everyForeignLibraryHasOneOwner()
    {
        QFETCH(const QString, header);
        QFETCH(const QString, owner);
        QStringList elsewhere;
        bool used = false;
        for (const char *top : {"core", "ui", "app", "tests"}) {
            for (const QString &file : sourcesBelow(QString::fromLatin1(top))) {
                for (const Include &include : includesOf(file)) {
                    if (!include.name.startsWith(header))
                        continue;
                    used = true;
                    if (!isBelow(file, owner))
                        elsewhere << file;
                }
            }
        }
        QVERIFY2(elsewhere.isEmpty(), qPrintable(elsewhere.join(QLatin1Char('\n'))));
        if (!used)
            QSKIP("nothing uses it yet");
    }

    void theCommandLineLinksNoGui()
    {
        const QString binary = QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl");
        if (!QFile::exists(binary) && qEnvironmentVariableIsEmpty("TIDEMARK_REQUIRE_TEST_SERVERS"))
            QSKIP("tidemarkctl is not built here"); // a whole run has built it
        QCOMPARE(
            neededLibraries(binary).filter(QRegularExpression(QStringLiteral("Qt6(Gui|Widgets|Svg|PrintSupport)"))),
            QStringList());
    }

    void unitTestsLinkNoGuiSoCoreAndModelsNeedNone()
    {
        QDirIterator binaries(QCoreApplication::applicationDirPath(), {QStringLiteral("tst_*")},
                              QDir::Files | QDir::Executable);
        QStringList wrong;
        while (binaries.hasNext()) {
            const QString binary = binaries.next();
            if (!neededLibraries(binary).filter(QRegularExpression(QStringLiteral("Qt6(Gui|Widgets)"))).isEmpty())
                wrong << binary;
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void noFileIsLongerThanAnIdea()
    {
        QStringList tooLong;
        for (const char *top : {"core", "ui", "app", "tests"}) {
            for (const QString &file : sourcesBelow(QString::fromLatin1(top))) {
                QFile text(source.filePath(file));
                QVERIFY(text.open(QIODevice::ReadOnly));
                if (const auto lines = text.readAll().count('\n'); lines > 600)
                    tooLong << QStringLiteral("%1: %2 lines").arg(file).arg(lines);
            }
        }
        QVERIFY2(tooLong.isEmpty(), qPrintable(tooLong.join(QLatin1Char('\n'))));
    }
};

QTEST_GUILESS_MAIN(TstLayering)
#include "tst_layering.moc"
