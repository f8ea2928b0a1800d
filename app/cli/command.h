// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/store/historystore.h"

#include <QCommandLineParser>
#include <QJsonObject>
#include <QTextStream>

#include <functional>
#include <memory>

namespace tidemark::cli {

/// What the exit code tells a script; the same for every verb.
enum class ExitCode {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Found = 3, ///< checks or lint found something; status and freshness: a target is breached, with --check
    NoConnection = 4,
    Resumable = 5,
    Refused = 6, ///< by the profile's safety
};

/// What a verb may use. Data goes to out, words to err; nothing else is printed.
struct Context
{
    QTextStream &out;
    QTextStream &err;
    const Clock &clock;
    std::shared_ptr<LocalStore> store;     ///< null when it could not be opened; err has said why. Verbs may await it
    std::shared_ptr<HistoryStore> history; ///< likewise
    const QCommandLineParser &options;
    QStringList arguments; ///< what stands after the verb and is no option
    bool json = false;

    /// Prints {"version": 1, …} as the one object of a verb's JSON.
    void print(QJsonObject object) const;
    /// Prints {"version": 1, …} in one line, for verbs that tell as they go.
    void printLine(QJsonObject object) const;
    /// Prints the error as people read it and returns the exit code that fits its kind.
    [[nodiscard]] ExitCode fail(const Error &error) const;
};

/// One verb: what its help says, its own options, and what it does.
struct Verb
{
    QString name;
    QString summary;
    QString usage; ///< what follows the name: "[TABLE]"
    QList<QCommandLineOption> options;
    std::function<ExitCode(const Context &)> run;
    int mostArguments = 0;    ///< more than so many words after the name are a usage error
    QString json = {};        ///< what --json prints, where that is not one object
    bool awaitsStore = false; ///< a store that cannot be opened is given to it all the same: it may be there later
};

} // namespace tidemark::cli
