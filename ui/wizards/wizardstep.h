// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/stagecandidates.h"
#include "core/stage/stagepreview.h"
#include "ui/models/roles.h"
#include "ui/services/rundrivers.h"

#include <QWidget>

namespace tidemark::ui {

/// What the staged migration wizard has been told so far; its steps fill it in. A value.
struct StageDraft
{
    QString server;
    QString database;
    std::optional<stage::Candidate> table;
    bool hasTimescale = false; ///< that database has TimescaleDB
    stage::StageSpec spec;
    RunSettings settings;
    std::optional<stage::StagePreview> preview; ///< of exactly this spec
    std::optional<RunPlace> run;
};

/// One step of the wizard. It works on the draft of its wizard, which outlives it. GUI thread only.
class WizardStep : public QWidget
{
    Q_OBJECT

public:
    WizardStep(const QString &title, StageDraft &draft, QWidget *parent)
        : QWidget(parent)
        , m_title(title)
        , m_draft(draft)
    {
    }

    [[nodiscard]] QString title() const { return m_title; }
    /// It comes up: shows what the draft says now.
    virtual void enter() {}
    /// Whether the next step may come. A step that is not tells why, where the user looks.
    [[nodiscard]] virtual bool isComplete() const = 0;
    /// Where the keyboard goes.
    [[nodiscard]] virtual QWidget *mainWidget() = 0;
    virtual void setFilterText(const QString &) {}

Q_SIGNALS:
    void completeChanged();
    /// As the button Next does.
    void nextRequested();
    void failed(const tidemark::Error &error);
    void told(tidemark::ui::Severity severity, const QString &text);

protected:
    [[nodiscard]] StageDraft &draft() const { return m_draft; }

private:
    QString m_title;
    StageDraft &m_draft;
};

} // namespace tidemark::ui
