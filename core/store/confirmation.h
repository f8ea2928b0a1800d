// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace tidemark {

/// What to ask the user before it happens; the GUI and the command line show the same.
struct ConfirmationNeeded
{
    QString text;      ///< what will happen to whom, ending in a question
    QString typedWord; ///< what the user has to type; empty where a yes is enough
    friend bool operator==(const ConfirmationNeeded &, const ConfirmationNeeded &) = default;
};

/// The user's answer to it.
struct Confirmation
{
    bool given = false;
    QString typed;
};

} // namespace tidemark
