"""What a reader may have to say of a file, in English, French and Italian: the wording of `faults.Note`, by its key.

`[one|many]` and `{names}` are as in `wording.worded`.
"""

from __future__ import annotations

from typing import Final

SENTENCES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "no_amount": "No column of amounts was found, so every amount counts as zero; --map amount=COLUMN names it.",
        "no_amount_but": (
            "No column of amounts was found, so every amount counts as zero. Is it {columns}? --map amount={first} settles it."
        ),
        "no_close_date": "There is no close date, so no deal can be placed in a quarter's horizon.",
        "no_created_at": "There is no creation date.",
        "no_currency": "No currency is named; --currency says which one amounts are in.",
        "currency_from_sign": "Amounts are taken to be in {code}, from the {sign} beside them.",
        "sign_of_several": "Amounts carry {sign}, the sign of several currencies; --currency says which.",
        "windows_1252": "{file} is not UTF-8 and was read as windows-1252 (--encoding says otherwise).",
        "blank_rows": "{count} blank [row|rows] of {file} [was|were] passed over.",
        "rejects_columns": "The columns of a rejects file were passed over: {columns}.",
        "rejected_rows": "{count} [row|rows] that could not be read [was|were] set aside in {file}.",
        "stray_rows": "{count} [row holds|rows hold] nothing of a deal and [was|were] passed over.",
        "twin_rows": "{count} [row repeats|rows repeat] another row exactly and [was|were] passed over.",
        "no_id": "No column with an id was found: each row is one deal, named after its row.",
        "now_only": "The file tells how deals are now; their past is reconstructed from their dates.",
        "closed_before_created": (
            "{count} [deal|deals] closed before [it was|they were] created; each stands at its close, known since its creation."
        ),
        "end_at_given": (
            "{count} closed [deal has|deals have] no close date; [its|their] end is placed at {moment}, the moment given."
        ),
        "end_at_latest": (
            "{count} closed [deal has|deals have] no close date; [its|their] end is placed at {moment}, the latest instant of "
            "the file."
        ),
        "end_at_modification": (
            "{count} closed [deal has|deals have] no close date; [it ends at its|they end at their] last modification."
        ),
        "undated_at_given": (
            "{count} [deal has|deals have] no date at all; [it is|they are] placed at {moment}, the moment given."
        ),
        "undated_at_latest": (
            "{count} [deal has|deals have] no date at all; [it is|they are] placed at {moment}, the latest instant of the file."
        ),
        "no_creation": "{count} closed [deal has|deals have] no creation date; [it appears at its|they appear at their] close.",
        "log_alone": "The log stands alone: fields of a deal that it never mentions are unknown.",
        "not_as_log_left": (
            "{count} [deal is|deals are] today not as the log left [it|them]; the difference is placed at [its|their] last "
            "change."
        ),
        "only_in_log": (
            "{count} [deal|deals] of the log [is|are] not in the file of today; what the log does not mention is unknown."
        ),
        "changed_before_created": (
            "{count} [deal|deals] changed before [it was|they were] created, says the log; [its|their] first change is "
            "[its|their] beginning."
        ),
        "never_dated": "{count} [deal has|deals have] neither a change nor a date of creation and [was|were] left out.",
        "not_as_history_left": (
            "{count} [deal is|deals are] today not as the last row of [its|their] history left [it|them]; the change is placed "
            "at [its|their] last modification."
        ),
        "no_history": "{count} [deal has|deals have] no history; today's values stand for [its|their] past.",
        "only_in_history": (
            "{count} [deal|deals] of the history [is|are] not in the file of today, so [its|their] other columns are unknown."
        ),
        "other_amount_before": (
            "{count} [row says|rows say] another previous amount than the row before [it|them]: rows may be missing."
        ),
        "other_close_date_before": (
            "{count} [row says|rows say] another previous close date than the row before [it|them]: rows may be missing."
        ),
        "known_to_snapshots": (
            "Changes are known to {count} [snapshot|snapshots]; each is placed at the snapshot that first shows it."
        ),
        "vanished": "{count} [deal vanishes|deals vanish] between two snapshots; each is removed at the first that lacks it.",
        "other_activities": "{count} [event|events] of activities that are no stages ({kinds}) [was|were] passed over: {named}.",
        "all_open": "Nothing says that any deal was won or lost, so all are open; --stages names the stages that are ends.",
        "order_by_probability": "Stages are ordered by their probabilities: {stages}.",
        "order_as_passed": "Stages are ordered as deals most often pass them: {stages}.",
        "order_unknown": "The order of the stages is not known, so there is no going forward or back; --stages gives it.",
    },
    "fr": {
        "no_amount": (
            "Aucune colonne de montants trouvée\u00a0: tout montant compte pour zéro\u00a0; --map amount=COLONNE la nomme."
        ),
        "no_amount_but": (
            "Aucune colonne de montants trouvée\u00a0: tout montant compte pour zéro. Est-ce {columns}\u00a0? --map "
            "amount={first} le précise."
        ),
        "no_close_date": (
            "Il n’y a pas de date de clôture\u00a0: aucune affaire ne peut être placée dans l’horizon d’un trimestre."
        ),
        "no_created_at": "Il n’y a pas de date de création.",
        "no_currency": "Aucune devise n’est nommée\u00a0; --currency dit celle des montants.",
        "currency_from_sign": "Les montants sont pris en {code}, d’après le {sign} à côté d’eux.",
        "sign_of_several": "Les montants portent {sign}, signe de plusieurs devises\u00a0; --currency dit laquelle.",
        "windows_1252": "{file} n’est pas en UTF-8 et a été lu en windows-1252 (--encoding dit autre chose).",
        "blank_rows": "{count} [ligne vide|lignes vides] de {file} [a été ignorée|ont été ignorées].",
        "rejects_columns": "Les colonnes d’un fichier de rejets ont été ignorées\u00a0: {columns}.",
        "rejected_rows": "{count} [ligne illisible a été mise|lignes illisibles ont été mises] de côté dans {file}.",
        "stray_rows": "{count} [ligne ne dit|lignes ne disent] rien d’une affaire et [a été ignorée|ont été ignorées].",
        "twin_rows": "{count} [ligne répète|lignes répètent] exactement une autre et [a été ignorée|ont été ignorées].",
        "no_id": "Aucune colonne d’identifiant trouvée\u00a0: chaque ligne est une affaire, nommée d’après sa ligne.",
        "now_only": "Le fichier dit l’état actuel des affaires\u00a0; leur passé est reconstruit à partir de leurs dates.",
        "closed_before_created": (
            "{count} [affaire close|affaires closes] avant d’être [créée|créées]\u00a0; chacune figure à sa clôture, connue "
            "dès sa création."
        ),
        "end_at_given": (
            "{count} [affaire close n’a|affaires closes n’ont] pas de date de clôture\u00a0; [sa|leur] fin est placée au "
            "{moment}, moment donné."
        ),
        "end_at_latest": (
            "{count} [affaire close n’a|affaires closes n’ont] pas de date de clôture\u00a0; [sa|leur] fin est placée au "
            "{moment}, dernier instant du fichier."
        ),
        "end_at_modification": (
            "{count} [affaire close n’a|affaires closes n’ont] pas de date de clôture\u00a0; la fin est la dernière modification."
        ),
        "undated_at_given": (
            "{count} [affaire n’a|affaires n’ont] aucune date\u00a0; [elle est placée|elles sont placées] au {moment}, moment "
            "donné."
        ),
        "undated_at_latest": (
            "{count} [affaire n’a|affaires n’ont] aucune date\u00a0; [elle est placée|elles sont placées] au {moment}, dernier "
            "instant du fichier."
        ),
        "no_creation": (
            "{count} [affaire close n’a|affaires closes n’ont] pas de date de création\u00a0; [elle apparaît|elles "
            "apparaissent] à la clôture."
        ),
        "log_alone": "Le journal est seul\u00a0: les champs d’une affaire qu’il ne mentionne jamais sont inconnus.",
        "not_as_log_left": (
            "{count} [affaire n’est|affaires ne sont] plus comme le journal [l’a laissée|les a laissées]\u00a0; l’écart est "
            "placé à [son|leur] dernier changement."
        ),
        "only_in_log": (
            "{count} [affaire|affaires] du journal [manque|manquent] au fichier du jour\u00a0; ce que le journal ne mentionne "
            "pas est inconnu."
        ),
        "changed_before_created": (
            "{count} [affaire a|affaires ont] changé avant [sa|leur] création, selon le journal\u00a0; [son|leur] premier "
            "changement est [son|leur] début."
        ),
        "never_dated": (
            "{count} [affaire n’a|affaires n’ont] ni changement ni date de création et [a été écartée|ont été écartées]."
        ),
        "not_as_history_left": (
            "{count} [affaire n’est|affaires ne sont] plus comme la dernière ligne de [son|leur] historique [l’a "
            "laissée|les a laissées]\u00a0; le changement est placé à [sa|leur] dernière modification."
        ),
        "no_history": (
            "{count} [affaire n’a|affaires n’ont] pas d’historique\u00a0; les valeurs du jour valent pour [son|leur] passé."
        ),
        "only_in_history": (
            "{count} [affaire|affaires] de l’historique [manque|manquent] au fichier du jour\u00a0; [ses|leurs] autres "
            "colonnes sont inconnues."
        ),
        "other_amount_before": (
            "{count} [ligne dit|lignes disent] un autre montant précédent que la ligne d’avant\u00a0: des lignes peuvent manquer."
        ),
        "other_close_date_before": (
            "{count} [ligne dit|lignes disent] une autre date de clôture précédente que la ligne d’avant\u00a0: des lignes "
            "peuvent manquer."
        ),
        "known_to_snapshots": (
            "Les changements sont connus à {count} [instantané|instantanés] près\u00a0; chacun est placé au premier qui le "
            "montre."
        ),
        "vanished": (
            "{count} [affaire disparaît|affaires disparaissent] entre deux instantanés\u00a0; chacune est retirée au premier "
            "où elle manque."
        ),
        "other_activities": (
            "{count} [événement|événements] d’activités qui ne sont pas des étapes ({kinds}) [a été ignoré|ont été "
            "ignorés]\u00a0: {named}."
        ),
        "all_open": (
            "Rien ne dit qu’une affaire ait été gagnée ou perdue\u00a0: toutes sont ouvertes\u00a0; --stages nomme les étapes "
            "finales."
        ),
        "order_by_probability": "Les étapes sont rangées par leurs probabilités\u00a0: {stages}.",
        "order_as_passed": "Les étapes sont rangées comme les affaires les passent le plus souvent\u00a0: {stages}.",
        "order_unknown": "L’ordre des étapes n’est pas connu\u00a0: il n’y a ni avance ni recul\u00a0; --stages le donne.",
    },
    "it": {
        "no_amount": "Nessuna colonna di importi trovata: ogni importo vale zero; --map amount=COLONNA la indica.",
        "no_amount_but": (
            "Nessuna colonna di importi trovata: ogni importo vale zero. È {columns}? --map amount={first} lo precisa."
        ),
        "no_close_date": "Manca la data di chiusura: nessuna trattativa si può collocare nell’orizzonte di un trimestre.",
        "no_created_at": "Manca la data di creazione.",
        "no_currency": "Nessuna valuta è indicata; --currency dice quella degli importi.",
        "currency_from_sign": "Gli importi sono presi in {code}, dal {sign} accanto.",
        "sign_of_several": "Gli importi portano {sign}, segno di più valute; --currency dice quale.",
        "windows_1252": "{file} non è UTF-8 ed è stato letto come windows-1252 (--encoding dice altrimenti).",
        "blank_rows": "{count} [riga vuota|righe vuote] di {file} [saltata|saltate].",
        "rejects_columns": "Le colonne di un file di scarti sono state saltate: {columns}.",
        "rejected_rows": "{count} [riga illeggibile messa|righe illeggibili messe] da parte in {file}.",
        "stray_rows": "{count} [riga non dice|righe non dicono] nulla di una trattativa: [saltata|saltate].",
        "twin_rows": "{count} [riga ripete|righe ripetono] esattamente un’altra: [saltata|saltate].",
        "no_id": "Nessuna colonna con un identificativo: ogni riga è una trattativa, chiamata come la sua riga.",
        "now_only": "Il file dice come sono oggi le trattative; il loro passato è ricostruito dalle loro date.",
        "closed_before_created": (
            "{count} [trattativa chiusa|trattative chiuse] prima di essere [creata|create]; ognuna sta alla sua chiusura, nota "
            "dalla creazione."
        ),
        "end_at_given": (
            "{count} [trattativa chiusa|trattative chiuse] senza data di chiusura; la fine è posta al {moment}, il momento dato."
        ),
        "end_at_latest": (
            "{count} [trattativa chiusa|trattative chiuse] senza data di chiusura; la fine è posta al {moment}, l’ultimo "
            "istante del file."
        ),
        "end_at_modification": (
            "{count} [trattativa chiusa|trattative chiuse] senza data di chiusura; la fine è l’ultima modifica."
        ),
        "undated_at_given": "{count} [trattativa|trattative] senza alcuna data, [posta|poste] al {moment}, il momento dato.",
        "undated_at_latest": (
            "{count} [trattativa|trattative] senza alcuna data, [posta|poste] al {moment}, l’ultimo istante del file."
        ),
        "no_creation": "{count} [trattativa chiusa|trattative chiuse] senza data di creazione; [appare|appaiono] alla chiusura.",
        "log_alone": "Il registro è solo: i campi di una trattativa che non menziona mai sono ignoti.",
        "not_as_log_left": (
            "{count} [trattativa non è|trattative non sono] oggi come il registro [l’ha lasciata|le ha lasciate]; la "
            "differenza è posta all’ultimo cambiamento."
        ),
        "only_in_log": (
            "{count} [trattativa|trattative] del registro non [è|sono] nel file di oggi; ciò che il registro non menziona è "
            "ignoto."
        ),
        "changed_before_created": (
            "{count} [trattativa cambiata|trattative cambiate] prima della creazione, secondo il registro; il primo "
            "cambiamento è l’inizio."
        ),
        "never_dated": "{count} [trattativa|trattative] senza cambiamenti né data di creazione: [esclusa|escluse].",
        "not_as_history_left": (
            "{count} [trattativa non è|trattative non sono] oggi come l’ultima riga della storia [l’ha lasciata|le ha "
            "lasciate]; il cambiamento è posto all’ultima modifica."
        ),
        "no_history": "{count} [trattativa|trattative] senza storia; i valori di oggi valgono per il passato.",
        "only_in_history": (
            "{count} [trattativa|trattative] della storia non [è|sono] nel file di oggi: le altre colonne sono ignote."
        ),
        "other_amount_before": (
            "{count} [riga dice|righe dicono] un importo precedente diverso dalla riga prima: forse mancano righe."
        ),
        "other_close_date_before": (
            "{count} [riga dice|righe dicono] una data di chiusura precedente diversa dalla riga prima: forse mancano righe."
        ),
        "known_to_snapshots": (
            "I cambiamenti si conoscono da {count} [istantanea|istantanee]; ognuno è posto alla prima che lo mostra."
        ),
        "vanished": (
            "{count} [trattativa sparisce|trattative spariscono] tra due istantanee; ognuna è rimossa alla prima in cui manca."
        ),
        "other_activities": "{count} [evento|eventi] di attività che non sono fasi ({kinds}): [saltato|saltati] ({named}).",
        "all_open": "Nulla dice che una trattativa sia vinta o persa: tutte sono aperte; --stages indica le fasi finali.",
        "order_by_probability": "Le fasi sono in ordine di probabilità: {stages}.",
        "order_as_passed": "Le fasi sono nell’ordine in cui le trattative le passano più spesso: {stages}.",
        "order_unknown": "L’ordine delle fasi non è noto: non c’è avanti né indietro; --stages lo dà.",
    },
}
